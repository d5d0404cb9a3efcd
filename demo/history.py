"""The invented rows of every lake table, month by month, and the landed lines that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from chalicelib.lake.columns import Kind
from chalicelib.lake.landing import ROW_VERSION
from chalicelib.lake.schemas import TABLES, pandas_types
from chalicelib.municipalities.model import COMMENT_USE
from chalicelib.shared.hashing import Keys, comment_key
from demo.answers import asked, told_how_long
from demo.bookings import bookings
from demo.contacts import contacts, or_none
from demo.fieldwork import fieldwork
from demo.modes import others
from demo.scenario import SEED, scenario_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality

VERSION: Final = 1
"""Of every invented subject: a real fact of a later version would win."""
_AGREE: Final = 0.65
_KEYS: Final = Keys(phone=b"invented", links={})


def history(municipality: Municipality, now: datetime, *, seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Table → its rows with their `month`, in the order of compaction; the same for the same seed and day."""
    people = contacts(municipality, now, _luck(seed, municipality, "contacts"))
    booked = bookings(municipality, people, _luck(seed, municipality, "bookings"))
    rest = asked(municipality, people, now, _luck(seed, municipality, "asked"))
    finished = people.merge(rest.responses[["contact_id", "finished_at"]], on="contact_id")
    luck = _luck(seed, municipality, "modes")
    if scenario_of(municipality).fieldwork:
        responses, answers = fieldwork(municipality, people, now, luck)
    else:
        responses, answers = others(municipality, finished, now, luck)
    responses, answers = pd.concat([rest.responses, responses]), pd.concat([rest.answers, answers])
    told_how_long(responses, answers, _luck(seed, municipality, "seconds"))
    frames = {
        "contacts": people,
        "bookings": booked,
        "invitations": rest.invitations,
        "responses": responses.sort_values("contact_id", ignore_index=True),
        "answers": answers.sort_values(["contact_id", "question", "value"], ignore_index=True),
        "comments": _agreed(municipality, _named(municipality, rest.comments), _luck(seed, municipality, "quoting")),
    }
    return {table: _typed(table, frame) for table, frame in frames.items()}


def _named(municipality: Municipality, comments: pd.DataFrame) -> pd.DataFrame:
    """Under the names that marks go by, of a key that opens nothing else."""
    names = [comment_key(_KEYS, municipality.id, contact) for contact in comments["contact_id"]]
    return comments.assign(comment_key=names)


def _agreed(municipality: Municipality, comments: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Two of three let themselves be quoted, where the municipality asks."""
    if COMMENT_USE not in municipality.consent_texts:
        return comments
    return comments.assign(may_be_quoted=rng.random(len(comments)) < _AGREE)


def _luck(seed: int, municipality: Municipality, part: str) -> np.random.Generator:
    """Each part has its own, so that more of one changes nothing of another."""
    return np.random.default_rng([seed, *municipality.id.encode(), *part.encode()])


def _typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    """The table's columns in their types; what nobody invented is unknown."""
    types = pandas_types(table)
    nothing = pd.Series([None] * len(frame), index=frame.index, dtype=object)
    columns = {name: frame.get(name, nothing).astype(kind) for name, kind in types.items()}
    return pd.DataFrame({**columns, "month": frame["month"]})


def partitions(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Month and its rows, oldest first."""
    for month, part in frame.groupby("month", sort=True):
        yield str(month), part.drop(columns=["month"]).reset_index(drop=True)


def landed_lines(table: str, frame: pd.DataFrame) -> bytes:
    """What would have landed: JSON lines that compact to exactly these rows."""
    known = [name for name in frame.columns if not frame[name].isna().all()]
    texts: dict[str, Any] = {name: frame[name] for name in known}
    for column in (column for column in TABLES[table].columns if column.name in known):
        values = frame[column.name]
        if column.kind is Kind.TIMESTAMP:
            moments = np.datetime_as_string(values.to_numpy().astype("datetime64[s]"), timezone="UTC")
            texts[column.name] = or_none(values.notna().to_numpy(), moments)
        elif column.kind is Kind.DATE:
            texts[column.name] = values.astype(str)
    lines = pd.DataFrame({**texts, ROW_VERSION: VERSION})
    text: str = lines.to_json(orient="records", lines=True, force_ascii=False)
    return text.encode()
