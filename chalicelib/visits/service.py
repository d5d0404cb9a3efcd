"""Everything that can be done with visits, behind one name: reception (check-in, ticket, queue) and desk work."""

from __future__ import annotations

from chalicelib.visits.desk import DeskWork
from chalicelib.visits.reception import Reception


class VisitService(Reception, DeskWork):
    """Check-in, queue and desk."""
