"""What staff do with the day: call, serve, book for a citizen, look at the day; pages."""
