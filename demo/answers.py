"""Who of the invented contacts was asked, who answered, and what: satisfaction falls with waiting, offices differ.

Answers are drawn so that a month's shares stay close to what the office is like (each month's ranks are spread evenly):
then the changes of `scenario.py` are the ones to be found, and not the luck of one seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from chalicelib.surveys.model import DONT_KNOW, Direction, Question, QuestionType, Tag
from chalicelib.surveys.questionnaire import question_definitions, questionnaire
from demo.choices import chosen
from demo.contacts import or_none
from demo.scenario import changes_of, scenario_of

if TYPE_CHECKING:
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality
    from chalicelib.surveys.model import Questionnaire

_COMMENTS: Final = Path(__file__).parent / "comments"
# Best first; longer or shorter scales follow the same curve.
_SCALE: Final = (0.36, 0.25, 0.17, 0.09, 0.05, 0.03, 0.02, 0.012, 0.008, 0.006, 0.004)
_SHARES: Final[dict[QuestionType, tuple[float, ...]]] = {
    QuestionType.YES_NO: (0.93, 0.07),
    QuestionType.DEGREE4: (0.34, 0.32, 0.21, 0.13),
    QuestionType.AGREE5: (0.34, 0.36, 0.16, 0.09, 0.05),
    QuestionType.SATISFIED5: (0.38, 0.36, 0.14, 0.08, 0.04),
}
_FAILURES: Final = ("phone_unreachable", "carrier_unreachable", "invalid_number")


@dataclass(frozen=True, slots=True)
class Asked:
    """The invented rows of four tables, each with its `month`."""

    invitations: pd.DataFrame
    responses: pd.DataFrame
    answers: pd.DataFrame
    comments: pd.DataFrame


def asked(municipality: Municipality, contacts: pd.DataFrame, now: datetime, rng: np.random.Generator) -> Asked:
    """Invitations for every contact, responses for those who answered; nothing lies in the future."""
    invitations = _invitations(municipality, contacts, rng)
    people = _responding(contacts, invitations, now, rng)
    form = questionnaire(municipality.survey.questionnaire)
    latent = latent_of(municipality, people, form, now, rng)
    answers = answers_of(people, form, latent, rng)
    comments = _comments(people, form, latent, rng)
    return Asked(invitations, responses_of(people, form, answers, comments), answers, comments)


def _invitations(municipality: Municipality, contacts: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    n = len(contacts)
    luck = rng.random(n)
    granted = contacts["consent_granted"].to_numpy(dtype=bool)
    reason = np.select(
        [
            contacts["internal"].to_numpy(dtype=bool),
            (contacts["ending"] == "unclosed").to_numpy(),
            contacts["outage"].to_numpy(dtype=bool),
            ~granted,
            luck < 0.008,
            luck < 0.015,
            luck < 0.055,
        ],
        ["internal", "unclosed", "outage", "no_consent", "no_phone", "opted_out", "quarantine"],
        "",
    )
    invited = reason == ""
    outcome = rng.random(n)
    state = np.select([~invited, outcome < 0.965, outcome < 0.99], ["not_invited", "delivered", "failed"], "accepted")
    ended = contacts["ended_at"].to_numpy()
    send = ended + np.timedelta64(60 * municipality.survey.delay_minutes, "s")
    sent = send + rng.integers(1, 20, n).astype("timedelta64[s]")
    arrived = sent + rng.integers(2, 40, n).astype("timedelta64[s]")
    never = np.datetime64("NaT", "s")
    return pd.DataFrame(
        {
            "contact_id": contacts["contact_id"],
            "state": state,
            "not_invited_reason": or_none(~invited, reason),
            "decided_at": ended + np.timedelta64(1, "s"),
            "send_at": np.where(invited, send, never),
            "sent_at": np.where(invited, sent, never),
            "delivered_at": np.where(state == "delivered", arrived, never),
            "failure": or_none(state == "failed", rng.choice(_FAILURES, n, p=[0.6, 0.25, 0.15])),
            "parts": or_none(invited, 1),
            "language": contacts["language"],
            "contact_ended_at": ended,
            "month": contacts["month"],
        }
    )


def _responding(
    contacts: pd.DataFrame, invitations: pd.DataFrame, now: datetime, rng: np.random.Generator
) -> pd.DataFrame:
    """Those who opened the questionnaire, with when they began and ended."""
    delivered = (invitations["state"] == "delivered").to_numpy()
    waited = contacts["waiting_seconds"].fillna(300).to_numpy(dtype=float) / 60
    # The very pleased and the very annoyed answer a little more often.
    eager = 0.76 + 0.04 * np.tanh((waited - 15) / 10) + np.where(contacts["language"] == "en", -0.06, 0.0)
    answering = delivered & (rng.random(len(contacts)) < eager)
    people = contacts[answering].reset_index(drop=True)
    n = len(people)
    after = np.where(rng.random(n) < 0.75, rng.exponential(1500, n), rng.exponential(1.6 * 86_400, n))
    sent = invitations["delivered_at"].to_numpy()[answering]
    people["started_at"] = sent + np.clip(after, 20, 13 * 86_400).astype(int).astype("timedelta64[s]")
    people["finished_at"] = people["started_at"] + rng.integers(35, 240, n).astype("timedelta64[s]")
    people.loc[rng.random(n) < 0.09, "finished_at"] = pd.NaT
    present = np.datetime64(int(now.timestamp()), "s")
    people.loc[people["finished_at"].to_numpy() > present, "finished_at"] = pd.NaT
    return people[people["started_at"].to_numpy() < present].reset_index(drop=True)


def latent_of(
    municipality: Municipality, people: pd.DataFrame, form: Questionnaire, now: datetime, rng: np.random.Generator
) -> dict[str, np.ndarray]:
    """How well each question went for each person, in standard deviations."""
    n = len(people)
    waited = people["waiting_seconds"].fillna(360).to_numpy(dtype=float) / 60
    shared = 0.62 * rng.standard_normal(n) - 0.045 * np.minimum(np.maximum(waited - 6, 0), 30)
    stratum = people["office"].fillna(people["channel"]) + people["month"]
    if scenario_of(municipality).fieldwork:
        unit = people["department"] + "/" + people["sub_department"].fillna("")
        stratum = people["channel"] + "/" + unit + people["month"]
    since = (pd.to_datetime(people["local_date"]) - pd.Timestamp(people["local_date"].min())).dt.days / 730
    order = {office.id: rank for rank, office in enumerate(municipality.offices)}
    place = people["office"].map(order).fillna(1).to_numpy(dtype=float)
    changes = changes_of(municipality, now)
    found: dict[str, np.ndarray] = {}
    for question in form.items:
        own = pd.Series(shared + 0.75 * rng.standard_normal(n))
        ranks = own.groupby(stratum).rank(method="first") - 0.5
        level = ndtri((ranks / own.groupby(stratum).transform("size")).to_numpy(dtype=float))
        level = level + 0.10 * since.to_numpy() + 0.16 * place - 0.16
        for shift in changes.all if changes else ():
            if shift.question == question.id:
                during = (people["local_date"] >= shift.first) & (people["local_date"] < shift.last)
                level = level + shift.size * (during & (people[shift.dimension] == shift.value)).to_numpy(dtype=bool)
        found[question.id] = level
    return found


def answers_of(
    people: pd.DataFrame, form: Questionnaire, latent: dict[str, np.ndarray], rng: np.random.Generator
) -> pd.DataFrame:
    """The answers of those who finished, as good as `latent` says."""
    parts = []
    for question in (item for item in form.items if not item.is_text):
        columns = _columns(question, people, latent[question.id], rng)
        route = _on_route(question, people)
        given = people["finished_at"].notna() & route & (question.required | (rng.random(len(people)) < 0.97))
        parts += [_part(question, form, people, values)[given & pd.notna(values)] for values in columns]
    return pd.concat(parts).sort_values(["contact_id", "question", "value"], ignore_index=True)


def _part(question: Question, form: Questionnaire, people: pd.DataFrame, values: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "contact_id": people["contact_id"],
            "questionnaire": str(form.id),
            "question": str(question.id),
            "question_version": question.version,
            "value": values,
            "value_number": pd.to_numeric(pd.Series(values), errors="coerce").astype("Float64"),
            "mode": "sms_link",
            "language": people["language"],
            "finished_at": people["finished_at"],
            "contact_ended_at": people["ended_at"],
            "month": people["month"],
        }
    )


def _columns(question: Question, people: pd.DataFrame, level: np.ndarray, rng: np.random.Generator) -> list[np.ndarray]:
    """The answers of everyone, as far as they are asked: of multiple choice a column per option."""
    if question.known_from:
        return [people[str(question.known_from)].to_numpy(dtype=object)]
    if Tag.BACKGROUND in question.tags and question.favourable:
        return [np.full(len(people), question.favourable[0], dtype=object)]
    if question.type in {QuestionType.SINGLE, QuestionType.MULTI} and not question.favourable:
        return chosen(question, people, rng)
    return [_values(question, level, rng)]


def _on_route(question: Question, people: pd.DataFrame) -> np.ndarray:
    """Whose route the question is on (GL-19). Nobody is asked what is known of a contact (ADR 23)."""
    route = np.full(len(people), fill_value=True)
    if question.known_from or (Tag.BACKGROUND in question.tags and question.favourable):
        route &= people["mode"].to_numpy() == "open_link" if "mode" in people else False
    for condition in question.when:
        route &= people["channel"].isin(condition.among).to_numpy()
    return route


def _values(question: Question, level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    best_first = [str(point) for point in reversed(question.scale.points)] if question.scale else None
    names = best_first or [option.id for option in question.options]
    if question.direction is Direction.LOWER_IS_BETTER:
        names.reverse()
    edges = np.cumsum(_shares(question, len(names)))[:-1]
    chosen = np.array(names, dtype=object)[np.searchsorted(edges, 1 - ndtr(level))]
    if question.dont_know:
        chosen[rng.random(len(chosen)) < 0.035] = DONT_KNOW
    return np.asarray(chosen)


def _shares(question: Question, options: int) -> np.ndarray:
    if question.type in _SHARES:
        return np.array(_SHARES[question.type])
    if question.type is not QuestionType.SCALE:
        return np.full(options, 1 / options)
    known = np.concatenate([[0.0], np.cumsum(_SCALE)])
    return np.diff(np.interp(np.linspace(0, 1, options + 1), np.linspace(0, 1, len(known)), known / known[-1]))


def _comments(
    people: pd.DataFrame, form: Questionnaire, latent: dict[str, np.ndarray], rng: np.random.Generator
) -> pd.DataFrame:
    """Written by some, in their language, in the mood of their overall score; no text twice in a month."""
    texts = [question for question in form.items if question.is_text]
    level = latent[question_definitions(form)[0]["id"]]
    mood = np.select([level > -0.1, level > -0.9], [0, 1], 2)
    writes = people["finished_at"].notna() & (people["channel"] == "in_person")
    writes &= rng.random(len(people)) < np.array([0.33, 0.3, 0.55])[mood]
    rows = people[writes & bool(texts)]
    pool = {(m, la): _pool(name, la) for m, name in enumerate(("positive", "mixed", "negative")) for la in ("da", "en")}
    seats: dict[tuple[Any, ...], list[int]] = {}
    chosen = []
    for month, kind, language in zip(rows["month"], mood[rows.index], rows["language"], strict=True):
        known = pool[int(kind), language]
        left = seats.get((month, kind, language)) or list(rng.permutation(len(known)))
        chosen.append(known[left.pop()])
        seats[month, kind, language] = left
    return pd.DataFrame(
        {
            "contact_id": rows["contact_id"],
            "question": str(texts[0].id) if texts else "",
            "text": chosen,
            "language": rows["language"],
            "finished_at": rows["finished_at"],
            "contact_ended_at": rows["ended_at"],
            "month": rows["month"],
        }
    ).sort_values("contact_id", ignore_index=True)


def _pool(mood: str, language: str) -> list[str]:
    return (_COMMENTS / f"{mood}.{language}.txt").read_text(encoding="utf-8").splitlines()


def responses_of(
    people: pd.DataFrame, form: Questionnaire, answers: pd.DataFrame, comments: pd.DataFrame
) -> pd.DataFrame:
    """A response of each, with how much of it was answered."""
    answered = people["contact_id"].map(answers.groupby("contact_id").size()).fillna(1).astype("Int32")
    return pd.DataFrame(
        {
            "contact_id": people["contact_id"],
            "state": np.where(people["finished_at"].notna(), "finished", "started"),
            "questionnaire": str(form.id),
            "questionnaire_version": form.version,
            "mode": "sms_link",
            "language": people["language"],
            "started_at": people["started_at"],
            "finished_at": people["finished_at"],
            "answered": answered,
            "has_comment": people["contact_id"].isin(comments["contact_id"]),
            "contact_ended_at": people["ended_at"],
            "month": people["month"],
        }
    ).sort_values("contact_id", ignore_index=True)


def told_how_long(responses: pd.DataFrame, answers: pd.DataFrame, rng: np.random.Generator) -> None:
    """Time per question, to five seconds, told by screens but not by interviewers; and where some stopped."""
    told = (~answers["mode"].isin(["face_to_face", "phone"])).to_numpy()
    answers["seconds"] = or_none(told, 5 * rng.integers(1, 5, len(answers)))
    sums = answers[told].groupby("contact_id")["seconds"].sum()
    responses["seconds"] = responses["contact_id"].map(sums)
    started = (responses["state"] == "started").to_numpy()
    questions = np.sort(answers["question"].unique())
    responses["stopped_at"] = or_none(started, rng.choice(questions, len(responses)))
