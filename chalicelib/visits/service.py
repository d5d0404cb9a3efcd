"""Everything that can be done with visits, behind one name."""

from __future__ import annotations

from chalicelib.visits.desk import DeskWork
from chalicelib.visits.display import Display
from chalicelib.visits.reception import Reception
from chalicelib.visits.sending import DeskSending


class VisitService(Reception, DeskWork, DeskSending, Display):
    """Check-in and queue (`Reception`), desk, sending on, display."""
