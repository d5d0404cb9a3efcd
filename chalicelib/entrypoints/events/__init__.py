"""Streams, queues, logs and schedules: parse, one call, count."""
