"""Invented answers that no SMS asked for: at the kiosk, by the poster's code, in interviews. They have no contact."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

import pandas as pd

from chalicelib.surveys.questionnaire import questionnaire
from demo.answers import answers_of, latent_of, responses_of
from demo.contacts import local, or_none, ulids

if TYPE_CHECKING:
    from datetime import datetime

    import numpy as np

    from chalicelib.municipalities.model import Municipality

# Of the finished answers to text messages, by mode. Few: the change that reports must find is in the others.
_SHARES: Final = {"kiosk": 0.05, "qr": 0.03, "face_to_face": 0.02}
_INTERVIEW: Final = "face_to_face"


def others(
    municipality: Municipality, asked: pd.DataFrame, now: datetime, rng: np.random.Generator
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Responses and their answers, told about offices and days like those of `asked`, who answered a text message."""
    people = pd.concat([_people(asked, mode, share, rng) for mode, share in _SHARES.items()], ignore_index=True)
    form = questionnaire(municipality.survey.questionnaire)
    answers = answers_of(people, form, latent_of(municipality, people, form, now, rng), rng)
    told = people.set_index("contact_id")
    interviewed = (people["mode"] == _INTERVIEW).to_numpy()
    responses = responses_of(people, form, answers, answers.iloc[:0])
    place = people.assign(
        place=or_none(interviewed, "Rådhusets forhal"), interviewer=or_none(interviewed, "i1")
    ).set_index("contact_id")
    for frame in (responses, answers):
        for name in ("mode", "channel", "office"):
            frame[name] = frame["contact_id"].map(told[name])
    for name in ("place", "interviewer"):
        responses[name] = responses["contact_id"].map(place[name])
    return responses, answers


def _people(asked: pd.DataFrame, mode: str, share: float, rng: np.random.Generator) -> pd.DataFrame:
    """Whose answers begin on days on which others answered about a visit; a response has the month of its beginning."""
    visits = asked[(asked["channel"] == "in_person") & asked["finished_at"].notna()]
    like = visits.sample(frac=share, random_state=int(rng.integers(2**31)), ignore_index=True)
    begun = like["ended_at"] + timedelta(minutes=3)
    return pd.DataFrame(
        {
            "contact_id": ulids(begun.to_numpy(), rng),
            "mode": mode,
            "channel": "in_person",
            "office": like["office"],
            "language": like["language"],
            "waiting_seconds": pd.Series(pd.NA, index=like.index, dtype="Int32"),
            "local_date": local(begun).dt.date,
            "started_at": begun,
            "finished_at": begun + timedelta(minutes=1),
            "ended_at": begun,
            "month": local(begun).dt.strftime("%Y-%m"),
        }
    )
