"""Estimates of contacts in DynamoDB, and the history that they are held against."""
