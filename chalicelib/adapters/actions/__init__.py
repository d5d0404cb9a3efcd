"""The register of actions in DynamoDB."""
