"""Invitations in DynamoDB, and the ways out: SNS, End User Messaging, SES, the queue."""
