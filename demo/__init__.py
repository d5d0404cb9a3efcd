"""Two years of plausible, invented history for the demo municipalities. Never packaged."""
