"""What a press of a button on a comment means."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chalicelib.comments.model import Change, Status, Use
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping

DETAILS: Final = "details"


@dataclass(frozen=True, slots=True)
class Press:
    """One form. `seen` is the version that stood on the page, where texts are written over."""

    comment: str
    period: str
    change: Change = field(repr=False)
    seen: int | None = None


def press_of(form: Mapping[str, str]) -> Press:
    """The form as a change.

    Raises:
        InvalidInput: no page of ours has such a form.
    """
    kind, _, value = form.get("press", "").partition("-")
    seen = None
    try:
        if kind == "status":
            change = Change(status=Status(value))
        elif kind == "urgent":
            change = Change(urgent={"yes": True, "no": False}[value])
        elif kind == "show":
            change = Change(show=Use(value))
        elif kind == "hide":
            change = Change(hide=Use(value))
        elif kind == DETAILS:
            seen = int(form["seen"])
            change = Change(
                theme=form["theme"], department=form["department"], note=form["note"], answer=form["answer"]
            )
        else:
            raise InvalidInput(fields={"press": "unknown"})
        return Press(form["comment"], form["period"], change, seen)
    except (KeyError, ValueError) as exc:
        raise InvalidInput(fields={"press": "unknown"}) from exc
