"""A completed visit as a contact: the one place where the two domains meet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.contacts.model import Consent, Contact, Ending, Origin
from chalicelib.municipalities.model import Channel
from chalicelib.shared.errors import WrongState
from chalicelib.shared.identifiers import ContactId
from chalicelib.visits.model import State

if TYPE_CHECKING:
    from chalicelib.visits.model import Visit


def contact_of(visit: Visit) -> Contact:
    """The contact that an ended visit leaves behind, under the same opaque id (SK-05).

    Of an unclosed one nobody knows whether the calls led to service and when it ended: no time of it is measured.

    Raises:
        WrongState: the visit has not ended.
    """
    if visit.ended_at is None:
        raise WrongState("the visit has not ended")
    is_unclosed = visit.state is State.UNCLOSED
    return Contact(
        id=ContactId(visit.ulid),
        municipality=visit.municipality,
        channel=Channel.IN_PERSON,
        department=visit.department,
        reasons=tuple(visit.reasons),
        origin=Origin(str(visit.origin)),
        language=visit.language,
        arrived_at=visit.arrived_at,
        called_at=None if is_unclosed else visit.called_at,
        served_at=None if is_unclosed else visit.served_at,
        ended_at=visit.ended_at,
        consent=Consent(visit.consent.offered, visit.consent.granted, visit.consent.text_version),
        office=visit.office,
        desk_group=visit.desk_group,
        booked_start=visit.booked_start,
        booked_at=visit.booked_at,
        transfers=visit.transfers,
        ending=Ending.UNCLOSED if is_unclosed else Ending.SERVED,
        waiting_from=str(visit.waiting_from),
        checked_in_at=str(visit.checked_in_at),
        outage=visit.outage,
    )
