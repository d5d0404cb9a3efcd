"""Estimates of contacts as pages: leaders write, analysts read."""
