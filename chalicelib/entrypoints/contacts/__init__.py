"""Contacts that other systems report, as JSON."""
