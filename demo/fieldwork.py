"""Invented fieldwork of a yearly survey: who is asked in the lobby, on the phone and by an open link.

As in the large surveys of municipalities, each way of asking is aimed at a channel (GL-06). None has a contact of ours.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pandas as pd

from chalicelib.shared.clock import local_date
from chalicelib.surveys.questionnaire import questionnaire
from demo.answers import answers_of, latent_of, responses_of
from demo.contacts import local, or_none, ulids
from demo.scenario import FIELDWORK_MONTHS, months_before

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np

    from chalicelib.municipalities.model import Municipality

_AIMED: Final = {
    "in_person": ("face_to_face", 0.34),
    "phone": ("phone", 0.38),
    "e_mail": ("open_link", 0.64),
    "self_service": ("open_link", 0.5),
}
"""Channel → how its citizens are asked, and how many of them answer."""
_PLACES: Final = {"raadhuset": "Rådhusets forhal", "jobcentret": "Indgangen hos Jobcentret"}
_INTERVIEWS: Final = ("face_to_face", "phone")


def fieldwork(
    municipality: Municipality, contacts: pd.DataFrame, now: datetime, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and their answers of both waves, like the contacts of those months, which they tell about."""
    today = local_date(now)
    waves = {f"{months_before(today, months):%Y-%m}" for months in (1, FIELDWORK_MONTHS)}
    served = contacts[contacts["month"].isin(waves) & (contacts["ending"] == "served")]
    people = pd.concat([_people(served, channel, rng) for channel in _AIMED], ignore_index=True)
    form = questionnaire(municipality.survey.questionnaire)
    answers = answers_of(people, form, latent_of(municipality, people, form, now, rng), rng)
    responses = responses_of(people, form, answers, answers.iloc[:0])
    told = people.set_index("contact_id")
    for name in ("mode", "channel", "department", "sub_department", "office"):
        for frame in (responses, answers):
            frame[name] = frame["contact_id"].map(told[name])
    for name in ("place", "interviewer"):
        responses[name] = responses["contact_id"].map(told[name])
    responses["eligible"] = True
    return responses, answers


def _people(served: pd.DataFrame, channel: str, rng: np.random.Generator) -> pd.DataFrame:
    mode, share = _AIMED[channel]
    mine = served[served["channel"] == channel]
    like = mine.sample(frac=share, random_state=int(rng.integers(2**31)), ignore_index=True)
    begun = like["ended_at"] + timedelta(minutes=3)
    interviewed = pd.Series(mode in _INTERVIEWS, index=like.index).to_numpy()
    unknown = pd.Series([None] * len(like), index=like.index, dtype=object)
    return pd.DataFrame(
        {
            "contact_id": ulids(begun.to_numpy(), rng),
            "mode": mode,
            "channel": channel,
            "department": like["department"],
            "sub_department": like["sub_department"],
            "office": like["office"],
            "reason": unknown,
            "place": like["office"].map(_PLACES) if channel == "in_person" else unknown,
            "interviewer": or_none(interviewed, rng.choice(["i1", "i2", "i3"], len(like))),
            "language": like["language"],
            "waiting_seconds": pd.Series(pd.NA, index=like.index, dtype="Int32"),
            "local_date": local(begun).dt.date,
            "started_at": begun,
            "finished_at": begun + timedelta(minutes=4),
            "ended_at": begun,
            "month": local(begun).dt.strftime("%Y-%m"),
        }
    )
