"""Invented contacts of two years: when people come, how long they wait and are served, who says yes to a question."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from chalicelib.municipalities.answering import outside_hours
from chalicelib.municipalities.hours import is_closed
from chalicelib.municipalities.units import department_of, sub_department_of
from chalicelib.shared.clock import COPENHAGEN, local_date
from demo.scenario import Scenario, months_before, outages, scenario_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from chalicelib.municipalities.model import DeskGroup, Municipality, Office

Columns = dict[str, Any]
_Window = tuple[np.datetime64, np.datetime64]

_CROCKFORD: Final = np.frombuffer(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", dtype="S1")
_WEEKDAY: Final = {1: 1.25, 2: 0.95, 3: 0.9, 4: 1.15, 5: 0.85, 6: 0.5, 7: 0.5}
_MONTH: Final = {
    1: 1.05,
    2: 1.0,
    3: 1.0,
    4: 1.0,
    5: 1.12,
    6: 1.15,
    7: 0.72,
    8: 1.1,
    9: 1.08,
    10: 1.0,
    11: 0.98,
    12: 0.75,
}
_NOT_CLOSED: Final = 250
"""Of so many contacts, about one was not closed."""
_COLLEAGUES: Final = {"phone": 0.06, "e_mail": 0.01}
"""How many of a channel's contacts are colleagues'."""
_HANDED_OVER: Final = 0.08
_LONGER: Final = 2
"""So many times longer people wait while something is down."""
_NOT_A_TIME: Final = np.datetime64("NaT", "s")


@dataclass(frozen=True, slots=True)
class _Opening:
    """Desks of one group open on one day, from one local time to another (given in UTC)."""

    office: Office
    group: DeskGroup
    day: date
    opens: np.datetime64
    seconds: int
    desks: int

    @property
    def weight(self) -> float:
        return self.seconds / 3600 * self.desks * _WEEKDAY[self.day.isoweekday()] * _MONTH[self.day.month]


def contacts(municipality: Municipality, now: datetime, rng: np.random.Generator) -> pd.DataFrame:
    """All contacts up to yesterday, in the lake's columns, sorted by key."""
    scenario = scenario_of(municipality)
    today = local_date(now)
    openings = list(_openings(municipality, months_before(today, scenario.months), today))
    down = [(_utc_of(first), _utc_of(last)) for first, last in outages(today)]
    visits = _visits(municipality, scenario, openings, down, rng)
    calls = _reported(visits, rng, channel="phone", share=scenario.phone_share)
    mails = _reported(visits, rng, channel="e_mail", share=scenario.e_mail_share)
    parts = [visits, calls, mails]
    if scenario.self_service_share:
        parts.append(_reported(visits, rng, channel="self_service", share=scenario.self_service_share))
    frame = pd.concat(parts, ignore_index=True)
    frame = frame[frame["ended_at"].to_numpy() < _utc(today, time())].reset_index(drop=True)
    frame["outage"] = _during(frame["arrived_at"].to_numpy(), down)
    _complete(frame, municipality, scenario, rng)
    return frame.sort_values("contact_id", ignore_index=True)


def _openings(municipality: Municipality, first: date, end: date) -> Iterator[_Opening]:
    for day in (first + timedelta(days=n) for n in range((end - first).days)):
        if is_closed(municipality, day):
            continue
        for office in municipality.offices:
            for group in office.desk_groups:
                for period in (period for period in group.opening if period.covers(day)):
                    opens, closes = _utc(day, period.opens), _utc(day, period.closes)
                    yield _Opening(office, group, day, opens, int((closes - opens).astype(int)), period.desks)


def _utc(day: date, wall: time) -> np.datetime64:
    return _utc_of(datetime.combine(day, wall, tzinfo=COPENHAGEN))


def _visits(
    municipality: Municipality,
    scenario: Scenario,
    openings: list[_Opening],
    down: list[_Window],
    rng: np.random.Generator,
) -> pd.DataFrame:
    weights = np.array([opening.weight for opening in openings])
    years = (openings[-1].day - openings[0].day).days / 365.25
    counts = rng.poisson(weights / weights.sum() * scenario.visits_per_year * years)
    which = np.repeat(np.arange(len(openings)), counts)
    n = len(which)
    opens = np.array([opening.opens for opening in openings])[which]
    seconds = np.array([opening.seconds for opening in openings])[which]
    # A rush at opening, a second hill before noon, a tail.
    part = np.where(rng.random(n) < 0.55, rng.beta(1.3, 2.4, n), rng.random(n) * 0.97)
    start = (part * seconds).astype(int)
    reasons, minutes = _reasons(municipality, openings, which, rng)
    booked = rng.random(n) < scenario.booked_share
    tick = municipality.booking.tick_minutes * 60
    slot = opens + (start // tick * tick).astype("timedelta64[s]")
    early = rng.gamma(2.0, 150.0, n).astype(int)
    arrived = np.where(booked, slot - early.astype("timedelta64[s]"), opens + start.astype("timedelta64[s]"))
    queue = _queue_seconds(openings, which, start=start, minutes=minutes, booked=booked, rng=rng)
    queue = np.where(_during(arrived, down), queue * _LONGER, queue)
    called = np.where(booked, np.maximum(arrived, slot - np.timedelta64(60, "s")), arrived) + queue
    served = called + rng.integers(15, 70, n).astype("timedelta64[s]")
    service = np.clip(rng.lognormal(np.log(minutes * 60 * 0.85), 0.35), 60, 7200).astype(int)
    ahead = np.maximum(600, rng.exponential(6 * 86_400, n)).astype(int)
    return pd.DataFrame(
        {
            "channel": "in_person",
            "office": np.array([opening.office.id for opening in openings], dtype=object)[which],
            "desk_group": np.array([opening.group.id for opening in openings], dtype=object)[which],
            "reason": reasons,
            "origin": np.where(rng.random(n) < 0.12, "desk", np.where(booked, "web", "kiosk")),
            "arrived_at": arrived,
            "called_at": called,
            "served_at": served,
            "ended_at": served + service.astype("timedelta64[s]"),
            "booked_start": np.where(booked, slot, _NOT_A_TIME),
            "booked_at": np.where(booked, slot - np.maximum(ahead, early + 60).astype("timedelta64[s]"), _NOT_A_TIME),
        }
    )


def _reasons(
    municipality: Municipality, openings: list[_Opening], which: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A reason that the opening's desk group serves: short matters are frequent, long ones rare."""
    chosen = np.empty(len(which), dtype=object)
    minutes = np.empty(len(which))
    groups = np.array([f"{opening.office.id}/{opening.group.id}" for opening in openings], dtype=object)[which]
    served = {f"{opening.office.id}/{opening.group.id}": opening.group for opening in openings}
    for name, group in served.items():
        known = [reason for reason in municipality.reasons if reason.id in group.reasons]
        likely = np.array([reason.duration_minutes**-0.6 / (1 + 0.25 * rank) for rank, reason in enumerate(known)])
        mine = np.flatnonzero(groups == name)
        picked = rng.choice(len(known), len(mine), p=likely / likely.sum())
        chosen[mine] = np.array([reason.id for reason in known], dtype=object)[picked]
        minutes[mine] = np.array([reason.duration_minutes for reason in known], dtype=float)[picked]
    return chosen, minutes


def _queue_seconds(
    openings: list[_Opening],
    which: np.ndarray,
    *,
    start: np.ndarray,
    minutes: np.ndarray,
    booked: np.ndarray,
    rng: np.random.Generator,
) -> np.ndarray:
    """Waiting grows with what the people of the same half hour need of the desks; who has booked waits less."""
    key = which * 48 + start // 1800
    _, inverse = np.unique(key, return_inverse=True)
    needed = np.bincount(inverse, weights=minutes)[inverse]
    desks = np.array([opening.desks for opening in openings])[which]
    load = needed / (desks * 30)
    typical = 70 + 420 * np.minimum(load, 3.0) ** 1.3
    waited = rng.lognormal(np.log(typical), 0.65) * np.where(booked, 0.45, 1.0)
    return np.asarray(np.clip(waited, 5, 5400).astype(int).astype("timedelta64[s]"))


def _reported(visits: pd.DataFrame, rng: np.random.Generator, *, channel: str, share: float) -> pd.DataFrame:
    """Contacts of another channel, as other systems report them: on the days and about the matters of the visits."""
    like = visits.sample(frac=share, random_state=int(rng.integers(2**31)), ignore_index=True)
    n = len(like)
    arrived = like["arrived_at"].to_numpy() + rng.integers(-1800, 1800, n).astype("timedelta64[s]")
    if channel != "e_mail":
        lasted = np.clip(rng.lognormal(np.log(240), 0.6, n), 30, 3600).astype(int)
    else:
        lasted = np.clip(rng.lognormal(np.log(20 * 3600), 0.8, n), 600, 10 * 86_400).astype(int)
    missing = np.full(n, _NOT_A_TIME)
    return pd.DataFrame(
        {
            "channel": channel,
            "office": None,
            "desk_group": None,
            "reason": like["reason"].to_numpy(),
            "origin": "system",
            "arrived_at": arrived,
            "called_at": missing,
            "served_at": missing,
            "ended_at": arrived + lasted.astype("timedelta64[s]"),
            "booked_start": missing,
            "booked_at": missing,
        }
    )


def _complete(frame: pd.DataFrame, municipality: Municipality, scenario: Scenario, rng: np.random.Generator) -> None:
    """The columns that follow from the others, and consent."""
    n = len(frame)
    in_person = (frame["channel"] == "in_person").to_numpy()
    units = {reason.id: reason.department for reason in municipality.reasons}
    local_arrival = local(frame["arrived_at"])
    local_end = local(frame["ended_at"])
    offered = rng.random(n) < np.select([in_person, frame["channel"] == "phone"], [0.96, 0.7], 0.0)
    season = 1 + 0.08 * np.sin(frame["ended_at"].dt.day_of_year.to_numpy() / 58.0)
    granted = offered & (rng.random(n) < scenario.accept_rate * season * np.where(in_person, 1.0, 0.6))
    frame["contact_id"] = ulids(frame["arrived_at"].to_numpy(), rng)
    frame["department"] = frame["reason"].map({reason: department_of(unit) for reason, unit in units.items()})
    frame["sub_department"] = frame["reason"].map({reason: sub_department_of(unit) for reason, unit in units.items()})
    frame["reasons"] = [[reason] for reason in frame["reason"]]
    frame["language"] = np.where(rng.random(n) < scenario.english_share, "en", "da")
    frame["waiting_seconds"] = (frame["called_at"] - frame["arrived_at"]).dt.total_seconds().astype("Int32")
    begun = frame["served_at"].fillna(frame["arrived_at"])
    frame["service_seconds"] = (frame["ended_at"] - begun).dt.total_seconds().astype("Int32")
    frame["consent_offered"] = offered
    frame["consent_granted"] = granted
    frame["consent_text_version"] = or_none(offered, municipality.consent_texts["survey_sms"].version)
    frame["internal"] = rng.random(n) < frame["channel"].map(_COLLEAGUES).fillna(0.0).to_numpy()
    harder = frame["reason"].map({r.id: r.duration_minutes for r in municipality.reasons}).to_numpy(float) / 100
    frame["resolved_first_contact"] = or_none(~in_person, rng.random(n) < 0.85 - harder)
    frame["transfers"] = rng.poisson(np.where(in_person, 0.03, 0.1 + harder / 2), n)
    frame["handed_over"] = or_none((frame["channel"] == "self_service").to_numpy(), rng.random(n) < _HANDED_OVER)
    frame["outside_hours"] = _outside(frame, municipality)
    frame["system"] = or_none(~in_person, "demo")
    by_staff = (frame["origin"] == "desk").to_numpy()
    frame["waiting_from"] = or_none(in_person, np.where(by_staff, "staff_check_in", "check_in"))
    frame["checked_in_at"] = or_none(in_person, np.where(by_staff, "desk", "kiosk"))
    frame["next_step_given"] = or_none(~in_person, rng.random(n) < 0.9 - harder)
    frame["local_date"] = local_end.dt.date
    frame["local_hour"] = local_arrival.dt.hour.astype("Int32")
    frame["local_weekday"] = (local_arrival.dt.day_of_week + 1).astype("Int32")
    frame["month"] = local_end.dt.strftime("%Y-%m")
    _forget_some(frame, in_person & ~granted & (np.arange(n) % _NOT_CLOSED == 0))


def _outside(frame: pd.DataFrame, municipality: Municipality) -> list[bool | None]:
    """Whether each contact began when nobody answers, by the rule that reported contacts go by."""
    asked = {row.channel for row in municipality.answering}
    return [
        outside_hours(municipality, channel, reason, arrived.to_pydatetime()) if channel in asked else None
        for channel, reason, arrived in zip(
            frame["channel"], frame["reason"], frame["arrived_at"].dt.tz_localize("UTC"), strict=True
        )
    ]


def _forget_some(frame: pd.DataFrame, unclosed: np.ndarray) -> None:
    """Visits that no desk closed: nobody knows whether the calls led to service, nor how long it took."""
    frame["ending"] = np.where(unclosed, "unclosed", "served")
    frame.loc[unclosed, ["called_at", "served_at"]] = pd.NaT
    frame.loc[unclosed, ["waiting_seconds", "service_seconds"]] = pd.NA


def _during(moments: np.ndarray, windows: list[_Window]) -> np.ndarray:
    return np.asarray(np.any([(first <= moments) & (moments < last) for first, last in windows], axis=0))


def _utc_of(moment: datetime) -> np.datetime64:
    return np.datetime64(int(moment.timestamp()), "s")


def or_none(condition: np.ndarray, values: Any) -> np.ndarray:
    """The values where the condition holds, None elsewhere."""
    chosen = np.full(len(condition), None, dtype=object)
    chosen[condition] = np.broadcast_to(np.asarray(values, dtype=object), len(condition))[condition]
    return chosen


def local(moments: pd.Series) -> pd.Series:
    """The moments on the clocks of Copenhagen."""
    return moments.dt.tz_localize("UTC").dt.tz_convert("Europe/Copenhagen")


def ulids(moments: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """A ULID per moment, as `shared/identifiers.py` makes them one by one."""
    milliseconds = moments.astype("datetime64[ms]").astype(np.int64)
    clock = [(milliseconds >> (5 * shift)) & 31 for shift in range(9, -1, -1)]
    digits = np.concatenate([np.stack(clock, axis=1), rng.integers(0, 32, (len(moments), 16))], axis=1)
    return np.asarray(np.ascontiguousarray(_CROCKFORD[digits]).view("S26").ravel().astype("U26").astype(object))
