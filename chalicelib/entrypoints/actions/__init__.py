"""The register of actions over HTTP."""
