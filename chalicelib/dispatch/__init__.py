"""Who is invited, when, exactly once."""
