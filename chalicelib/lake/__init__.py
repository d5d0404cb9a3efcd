"""Landing keys, rows and schemas of the data lake. Pure."""
