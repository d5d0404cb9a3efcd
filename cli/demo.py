"""`borgerpuls demo`: two years of invented history for the municipalities that are stored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.shared.errors import BorgerpulsError

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from demo.loading import Loaded


LOCAL_STAGE: Final = "local"


class NothingToFill(BorgerpulsError):
    """No municipality is stored yet: run `borgerpuls municipality apply demo/fjordby.yaml` first."""

    code = "nothing_to_fill"


class NotHere(BorgerpulsError):
    """Invented history never goes into a real deployment: `borgerpuls demo` fills the local product only."""

    code = "not_here"


def load(*, now: datetime, progress: Callable[[str], None]) -> list[Loaded]:
    """Load the history, telling in a line now and then how far it is: for callers that have no terminal."""
    told = {""}

    def report(done: int, total: int, text: str) -> None:
        tenth = done * 10 // total
        line = text if done in {0, total} else f"history: {tenth * 10} %"
        if line not in told and (tenth or not done):
            told.add(line)
            progress(line)

    return _load(now, report)


def load_with_bar(now: datetime) -> list[Loaded]:
    """Load the history under a progress bar."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    with Progress(*columns, TimeElapsedColumn()) as bar:
        task = bar.add_task("starting", total=1)
        return _load(now, lambda done, total, text: bar.update(task, completed=done, total=total, description=text))


def summary(loaded: Loaded) -> str:
    """What a municipality got, in a line."""
    rows = ", ".join(f"{number:,} {table}" for table, number in loaded.rows.items())
    return f"{loaded.municipality}: {rows}; {loaded.periods} months counted, {loaded.appointments} appointments ahead"


def _load(now: datetime, report: Callable[[int, int, str], None]) -> list[Loaded]:
    from chalicelib.settings import settings
    from demo import loading

    if settings().stage != LOCAL_STAGE:
        raise NotHere
    known = bootstrap.municipalities()
    municipalities = [known.get(entry.id) for entry in known.directory()]
    if not municipalities:
        raise NothingToFill
    return loading.load(municipalities, now, report)
