"""A citizen's own: what is held and its end, was this message ours, no more questionnaires."""
