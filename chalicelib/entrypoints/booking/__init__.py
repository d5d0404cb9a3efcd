"""Booking for citizens: the screens, the appointment's own page, what messages link to, and the same as JSON."""
