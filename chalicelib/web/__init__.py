"""Templates, charts and translations."""
