"""Staff sign-in at an identity provider."""
