"""Report catalogue, statistics and the wording of findings."""
