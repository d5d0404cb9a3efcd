"""Visits and an office's day, in DynamoDB."""
