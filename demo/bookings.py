"""Invented appointments whose day is over: those that were kept, from the contacts, and those that came to nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from demo.contacts import local, or_none, ulids

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality

_NEVER: Final = np.datetime64("NaT", "s")
# Of the appointments that were kept.
_NO_SHOWS: Final = 0.05
_CANCELLED: Final = 0.08
_BY_PHONE: Final = 0.02
_KEPT: Final = {"served": "served", "unclosed": "unclosed"}


def bookings(municipality: Municipality, contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """All appointments up to yesterday, in the lake's columns, sorted by key."""
    kept = contacts[contacts["booked_start"].notna()]
    parts = [
        kept.assign(outcome=kept["ending"].map(_KEPT)),
        *(_like(kept, share, outcome, rng) for share, outcome in ((_NO_SHOWS, "no_show"), (_CANCELLED, "cancelled"))),
        _like(kept, _BY_PHONE, None, rng).assign(meeting="phone"),
    ]
    frame = pd.concat(parts, ignore_index=True)
    _complete(frame, municipality, rng)
    return frame.sort_values("contact_id", ignore_index=True)


def _like(kept: pd.DataFrame, share: float, outcome: str | None, rng: np.random.Generator) -> pd.DataFrame:
    """Other people's appointments for the times and matters of some that were kept."""
    like = kept.sample(frac=share, random_state=int(rng.integers(2**31)), ignore_index=True)
    ids = ulids(like["booked_at"].to_numpy(), rng)
    return like.assign(contact_id=ids, outcome=or_none(np.full(len(like), outcome is not None), outcome))


def _complete(frame: pd.DataFrame, municipality: Municipality, rng: np.random.Generator) -> None:
    n = len(frame)
    start, booked = frame["booked_start"].to_numpy(), frame["booked_at"].to_numpy()
    elsewhere = {reason.id for reason in municipality.reasons if reason.alternatives}
    moments = local(frame["booked_start"])
    cancelled = (frame["outcome"] == "cancelled").to_numpy()
    frame["assisted"] = frame["origin"].isin(["desk", "phone"])
    frame["persons"] = rng.choice([1, 2, 3, 4], n, p=[0.88, 0.08, 0.03, 0.01])
    frame["meeting"] = frame["meeting"].fillna("in_person")
    frame["lead_seconds"] = (frame["booked_start"] - frame["booked_at"]).dt.total_seconds().astype("Int32")
    frame["alternatives_seen"] = frame["reason"].isin(elsewhere) & (frame["origin"] == "web")
    frame["want_earlier"] = ~cancelled & (rng.random(n) < 0.06)
    frame["moves"] = rng.poisson(0.07, n)
    frame["cancelled_at"] = np.where(
        cancelled, booked + ((start - booked) * rng.random(n)).astype("timedelta64[s]"), _NEVER
    )
    frame["local_date"] = moments.dt.date
    frame["local_hour"] = moments.dt.hour.astype("Int32")
    frame["local_weekday"] = (moments.dt.day_of_week + 1).astype("Int32")
    frame["month"] = moments.dt.strftime("%Y-%m")
