"""Capacity and appointments: no place is ever sold twice."""
