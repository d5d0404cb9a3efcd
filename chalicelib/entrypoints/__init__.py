"""The only place that knows HTTP and event envelopes."""
