"""The pages about comments: triage, what teams see, what everybody sees, the wall."""
