"""The invented rows of every lake table, month by month, and the landed lines that say the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from chalicelib.lake.columns import Kind
from chalicelib.lake.landing import ROW_VERSION
from chalicelib.lake.schemas import TABLES, pandas_types
from demo.answers import asked
from demo.contacts import contacts, or_none
from demo.scenario import SEED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.municipalities.model import Municipality

VERSION: Final = 1
"""Of every invented subject: a real fact of a later version would win."""


def history(municipality: Municipality, now: datetime, *, seed: int = SEED) -> dict[str, pd.DataFrame]:
    """Table → its rows with their `month`, in the order of compaction; the same for the same seed and day."""
    rng = np.random.default_rng([seed, *municipality.id.encode()])
    people = contacts(municipality, now, rng)
    rest = asked(municipality, people, now, rng)
    frames = {
        "contacts": people,
        "invitations": rest.invitations,
        "responses": rest.responses,
        "answers": rest.answers,
        "comments": rest.comments,
    }
    return {table: _typed(table, frame) for table, frame in frames.items()}


def _typed(table: str, frame: pd.DataFrame) -> pd.DataFrame:
    types = pandas_types(table)
    columns = {name: frame[name].astype(kind) for name, kind in types.items()}
    return pd.DataFrame({**columns, "month": frame["month"]})


def partitions(frame: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Month and its rows, oldest first."""
    for month, part in frame.groupby("month", sort=True):
        yield str(month), part.drop(columns=["month"]).reset_index(drop=True)


def landed_lines(table: str, frame: pd.DataFrame) -> bytes:
    """What would have landed: JSON lines that compact to exactly these rows."""
    texts: dict[str, Any] = {name: frame[name] for name in frame.columns}
    for column in TABLES[table].columns:
        values = frame[column.name]
        if column.kind is Kind.TIMESTAMP:
            moments = np.datetime_as_string(values.to_numpy().astype("datetime64[s]"), timezone="UTC")
            texts[column.name] = or_none(values.notna().to_numpy(), moments)
        elif column.kind is Kind.DATE:
            texts[column.name] = values.astype(str)
    lines = pd.DataFrame({**texts, ROW_VERSION: VERSION})
    text: str = lines.to_json(orient="records", lines=True, force_ascii=False)
    return text.encode()
