"""Completed contacts of every channel, and the work that each one leaves behind."""
