"""Check-in, the queue, the desk."""
