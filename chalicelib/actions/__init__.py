"""What the municipality does about what citizens say: recommendations and actions, followed up by the same figures."""
