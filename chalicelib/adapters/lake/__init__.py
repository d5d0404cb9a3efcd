"""The lake on S3, Athena's counts of it, and the stored cells of reports."""
