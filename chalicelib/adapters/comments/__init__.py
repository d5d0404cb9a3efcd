"""Marks on comments, and the wall."""
