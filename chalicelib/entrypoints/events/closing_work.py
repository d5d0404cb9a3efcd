"""The end of offices' days, within the minute sweep, and what of it operations watch."""

from __future__ import annotations

from chalicelib import bootstrap
from chalicelib.entrypoints.events.dispatch_metrics import count


def close_days(municipality_id: str) -> None:
    """Closes the days that are over and puts away the notices that have ended; most minutes there is neither."""
    municipality = bootstrap.municipalities().get(municipality_id)
    bootstrap.notices().tidy(municipality.id)
    swept = bootstrap.closing().sweep(municipality)
    if swept.days:
        count("VisitsUnclosed", swept.unclosed)
        count("AppointmentsMissed", swept.missed)
