"""The JSON API's description."""
