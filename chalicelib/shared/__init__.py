"""The kernel that every package may use. Standard library only."""
