"""Questionnaires, responses and call-backs, in DynamoDB."""
