"""What a municipality decides about booking, waiting and asking: frozen values with the product's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chalicelib.shared.identifiers import QuestionnaireId


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
    open_per_phone: int = 5
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


@dataclass(frozen=True, slots=True)
class SurveyPolicy:
    """Who is asked, when and how often. Times are local; `quiet_*` bound the hours in which nothing is sent."""

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
