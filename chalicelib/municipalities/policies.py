"""What a municipality decides about booking, waiting and asking: frozen values with the product's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.shared.identifiers import QuestionnaireId
    from chalicelib.shared.languages import Text


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """When and how much can be booked. `tick_minutes` is 5 or 10; every duration is a multiple of it.

    `acute_from` is the local time of the day itself from which its acute places can be booked. A cancelled time is
    offered again after `cooldown_minutes`. `edge_before` and `edge_after` bound what counts as edge hours (FR-08).
    `open_per_phone` bounds the future appointments of one number, `per_address_hour` the bookings of one network
    address in an hour; 0 means no limit. `challenge` asks the browser to solve a small puzzle first.
    A reminder goes out `reminder_days` before, at the local time `reminder_at`; None: no reminders.
    `earlier_time_messages` is how many messages about an earlier time one citizen can get for one appointment.
    """

    tick_minutes: int
    lead_minutes: int
    horizon_days: int
    hold_minutes: int
    cancel_cutoff_minutes: int
    acute_from: time = time(0)
    cooldown_minutes: int = 0
    edge_before: time = time(9)
    edge_after: time = time(16)
    open_per_phone: int = 0
    per_address_hour: int = 30
    challenge: bool = False
    reminder_days: int = 1
    reminder_at: time | None = time(10)
    earlier_time_messages: int = 3


@dataclass(frozen=True, slots=True)
class WaitingPolicy:
    """What holds in the waiting room.

    Nobody is a no-show before `no_show_calls` calls and `no_show_seconds` after the first. Open visits are swept
    `sweep_minutes` after closing time. "Nearly your turn" is said when `nearly_ahead` are ahead. A call within
    `punctual_minutes` of the booked time counts as punctual (FR-06). A kiosk that nobody touches clears after
    `kiosk_clear_seconds`, with a warning before.
    """

    no_show_calls: int = 1
    no_show_seconds: int = 0
    sweep_minutes: int = 60
    nearly_ahead: int = 2
    punctual_minutes: int = 5
    kiosk_clear_seconds: int = 60


class Asked(Protocol):
    """What a rule about asking wants to know of a contact."""

    @property
    def office(self) -> str | None:
        """Where."""
        ...

    @property
    def reasons(self) -> Sequence[str]:
        """Enquiry reasons."""
        ...

    @property
    def channel(self) -> str:
        """By which channel."""
        ...


@dataclass(frozen=True, slots=True)
class Among:
    """Some contacts: those of these offices, enquiry reasons and channels. Each empty set means all."""

    offices: frozenset[str] = frozenset()
    reasons: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()

    def covers(self, contact: Asked) -> bool:
        """True if it is one of them."""
        return (
            (not self.offices or contact.office in self.offices)
            and (not self.reasons or not self.reasons.isdisjoint(contact.reasons))
            and (not self.channels or str(contact.channel) in self.channels)
        )


@dataclass(frozen=True, slots=True)
class SamplingRule:
    """How many per cent of some contacts are asked."""

    percent: int
    among: Among


class Period(StrEnum):
    """A span of local time that quotas are counted in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class Quota:
    """At most so many invitations in a period among some contacts. Counted under `id`."""

    id: str
    period: Period
    most: int
    among: Among


@dataclass(frozen=True, slots=True)
class Pause:
    """Contacts that ended between two moments are not asked: something was out of order, and everybody knew."""

    first: datetime
    last: datetime
    among: Among

    def covers(self, contact: Asked, ended_at: datetime) -> bool:
        """True if the contact fell into it."""
        return self.first <= ended_at <= self.last and self.among.covers(contact)


@dataclass(frozen=True, slots=True)
class SurveyPolicy:
    """Who is asked, when and how often. Times are local; `send_from` and `send_until` bound when something is sent.

    Of the rules of `sampling` the first that covers a contact counts; without one, `sampling_percent`. `quotas` bound
    the invitations of a period. Who has not answered `reminder_after_days` later is reminded once; 0: nobody is.
    Visits that nobody closed, or with something out of order meanwhile, are asked about only if `ask_unclosed` and
    `ask_in_outage` say so. While `pilot` is on, only numbers that `borgerpuls sms allow` has named are asked.
    """

    questionnaire: QuestionnaireId
    sender: str
    delay_minutes: int
    not_after_hours: int
    send_from: time
    send_until: time
    send_on_sundays: bool
    quarantine_days: int
    sampling_percent: int
    link_days: int
    allowed_country_codes: tuple[str, ...]
    sampling: tuple[SamplingRule, ...] = ()
    quotas: tuple[Quota, ...] = ()
    pauses: tuple[Pause, ...] = ()
    ask_unclosed: bool = False
    ask_in_outage: bool = False
    reminder_after_days: int = 0
    pilot: bool = False


@dataclass(frozen=True, slots=True)
class NamedEvent:
    """Something that may explain a change in the weekly figures: from its week on they have a new baseline (GL-68)."""

    day: date
    name: Text


@dataclass(frozen=True, slots=True)
class Population:
    """How many of those who should be heard belong to each group of a dimension, such as all users of a department.

    Reports print the share with these weights beside the measured one, never instead of it (GL-22).
    """

    dimension: str
    shares: Mapping[str, float]


DEFAULT_TARGETS: Final[Mapping[str, int]] = {"satisfaction": 50, "answered": 30, "service_level": 20}
"""What a municipality's score is made of, in percent; satisfaction outweighs service level (BF-02)."""
SILENT_AFTER_DAYS: Final = 3
"""After so many working days without a report, a system that reports contacts is said to be silent (SK-27)."""
