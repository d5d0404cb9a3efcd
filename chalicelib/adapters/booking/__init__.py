"""Appointments, capacity, hours and the messages around them, in DynamoDB."""
