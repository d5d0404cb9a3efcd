"""Everything that can be done with visits, behind one name: reception (check-in, ticket, queue), desk, display."""

from __future__ import annotations

from chalicelib.visits.desk import DeskWork
from chalicelib.visits.display import Display
from chalicelib.visits.reception import Reception


class VisitService(Reception, DeskWork, Display):
    """Check-in, queue, desk and display."""
