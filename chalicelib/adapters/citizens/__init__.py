"""Contacts, consents, and what a citizen may see and have erased."""
