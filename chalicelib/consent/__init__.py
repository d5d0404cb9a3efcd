"""What a citizen agreed to, in which wording, and when it was withdrawn."""
