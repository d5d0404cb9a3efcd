"""The only place that knows DynamoDB, SNS, S3, Athena and secrets."""
