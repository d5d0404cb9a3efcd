"""The waiting room as JSON: check-in, queue, desk, and an office's day."""
