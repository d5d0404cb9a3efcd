"""Reports for leaders, as pages, files and JSON."""
