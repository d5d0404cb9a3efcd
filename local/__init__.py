"""The embedded AWS and the local product. Never packaged: nothing in `chalicelib` or `app.py` imports it."""
