"""An action as a form's fields, and back. What can't be read is named; nothing that was typed is lost."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qs, urlsplit

from chalicelib.actions.model import Baseline, Content, Guard, Place, Span, Status
from chalicelib.actions.rules import Problem, plain_text
from chalicelib.municipalities.model import Channel
from chalicelib.reporting.cell import Measure
from chalicelib.reporting.findings import Finding
from chalicelib.reporting.model import ALL
from chalicelib.reporting.periods import period_between, period_of
from chalicelib.shared.errors import InvalidInput

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.model import QuestionDefinition

_TEXTS: Final = ("title", "found", "recommendation", "work", "owner", "channel", "department")
_JOINT: Final = "|"
_LONGEST_NUMBER: Final = 4
_FIRST_YEAR: Final = "2000"
_LAST_YEAR: Final = "2100"
EVERYONE: Final = f"{ALL}:{ALL}"


def baseline_at(address: str) -> Baseline:
    """The finding that a permalink of the reports names.

    Raises:
        InvalidInput: it is no such address.
    """
    try:
        query = {name: values[-1] for name, values in parse_qs(urlsplit(address.strip()).query).items()}
        finding = Finding.from_query(query)
    except (ValueError, InvalidInput) as error:
        raise InvalidInput(fields={"finding": Problem.HIDDEN}) from error
    place = Place(finding.dimension, finding.value, finding.question, finding.version, str(finding.measure))
    return Baseline(place, _span(finding.period))


def key_of(baseline: Baseline) -> str:
    """A finding as one field of a form."""
    place, period = baseline.place, period_between(baseline.span.first, baseline.span.last)
    return _JOINT.join((period.id, place.dimension, place.value, place.question, place.version, place.measure))


def baseline_of(key: str) -> Baseline:
    """The inverse of `key_of`.

    Raises:
        InvalidInput: it is none.
    """
    try:
        period, dimension, value, question, version, measure = key.split(_JOINT)
    except ValueError as error:
        raise InvalidInput(fields={"finding": Problem.HIDDEN}) from error
    return Baseline(Place(dimension, value, question, version, measure), _span(period))


def _span(period: str) -> Span:
    months = period_of(period, field="finding").months
    if not _FIRST_YEAR <= months[0] < _LAST_YEAR:
        raise InvalidInput(fields={"finding": Problem.HIDDEN})
    return Span(months[0], months[-1])


def filed_under(baseline: Baseline, municipality: Municipality) -> dict[str, str]:
    """Under which channel and department a finding is filed, as far as it says (GL-75)."""
    place = baseline.place
    if place.dimension in {"department", "sub_department"}:
        return {"department": place.value}
    if place.dimension == "channel":
        return {"channel": place.value}
    if place.dimension in {"office", "waiting", "service"}:
        return {"channel": Channel.IN_PERSON}
    owners = {str(reason.id): reason.department for reason in municipality.reasons}
    if place.dimension == "reason" and (owner := owners.get(place.value)):
        return {"department": owner.rpartition("/")[2]}
    return {}


def values_of(content: Content) -> dict[str, str]:
    """What a form shows of it."""
    guard = content.guard
    return {
        **{name: getattr(content, name) for name in _TEXTS},
        "status": str(content.status),
        "started": content.started.isoformat() if content.started else "",
        "follow_up_months": str(content.follow_up_months or ""),
        "on_trend": "yes" if content.on_trend else "",
        "kept": key_of(content.baseline) if content.baseline else "",
        "guard_question": guard.place.question if guard else "",
        "guard_group": f"{guard.place.dimension}:{guard.place.value}" if guard else EVERYONE,
        "guard_measure": guard.place.measure if guard else str(Measure.SHARE),
        "guard_limit": str(guard.limit) if guard else "",
    }


def content_from(
    fields: Mapping[str, str],
    questions: Sequence[QuestionDefinition],
    municipality: Municipality,
    old: Content | None = None,
) -> Content:
    """What a form says.

    Raises:
        InvalidInput: a date, a number, a status or a finding that is none.
    """
    wrong: dict[str, str] = {}
    status = fields.get("status") or Status.PROPOSED
    if status not in set(Status):
        wrong["status"] = Problem.UNKNOWN
    values: dict[str, Any] = {name: _text(fields.get(name, ""), name) for name in _TEXTS}
    values["started"] = day_of(fields.get("started", ""), "started", wrong)
    values["follow_up_months"] = whole_of(fields.get("follow_up_months", ""), "follow_up_months", Problem.MONTHS, wrong)
    values["baseline"] = _baseline(fields, wrong)
    values["guard"] = _guard(fields, questions, municipality, old, wrong)
    if wrong:
        raise InvalidInput(fields=wrong)
    return Content(**values, status=Status(status), on_trend=fields.get("on_trend") == "yes")


def day_of(text: str, field: str, wrong: dict[str, str]) -> date | None:
    """A date, if one was given."""
    try:
        return date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        wrong[field] = "a date such as 2026-10-31"
        return None


def whole_of(text: str, field: str, problem: Problem, wrong: dict[str, str]) -> int | None:
    """A whole number, if one was given."""
    plain = text.strip()
    if not plain:
        return None
    if plain.isascii() and plain.isdigit() and len(plain) <= _LONGEST_NUMBER:
        return int(plain)
    wrong[field] = problem
    return None


def _text(text: str, name: str) -> str:
    if name in {"found", "recommendation", "work"}:
        return plain_text(text)
    return " ".join(text.split())


def _baseline(fields: Mapping[str, str], wrong: dict[str, str]) -> Baseline | None:
    address, kept = fields.get("finding", ""), fields.get("kept", "")
    if fields.get("no_finding") == "yes":
        return None
    try:
        if address:
            return baseline_at(address)
        return baseline_of(kept) if kept else None
    except InvalidInput as error:
        wrong |= error.fields
        return None


def _guard(
    fields: Mapping[str, str],
    questions: Sequence[QuestionDefinition],
    municipality: Municipality,
    old: Content | None,
    wrong: dict[str, str],
) -> Guard | None:
    asked, text = fields.get("guard_question", ""), fields.get("guard_limit", "")
    if not asked and not text.strip():
        return None
    limit = whole_of(text, "guard_limit", Problem.LIMIT, wrong)
    if limit is None:
        wrong.setdefault("guard_limit", Problem.LIMIT)
        return None
    measure = fields.get("guard_measure", "")
    group = fields.get("guard_group") or EVERYONE
    question = next((each for each in questions if each.id == asked), None)
    known = old.guard if old else None
    if known and known.place.question == asked:
        version = known.place.version
    elif question is None:
        wrong["guard_question"] = Problem.UNKNOWN
        return None
    else:
        version = question.version
    if measure not in {Measure.SHARE, Measure.UNFAVOURABLE} or group not in guarded_groups(municipality):
        wrong["guard_question"] = Problem.UNKNOWN
        return None
    dimension, _, value = group.partition(":")
    return Guard(Place(dimension, value, asked, version, measure), limit)


def guarded_groups(municipality: Municipality) -> list[str]:
    """Of whom a limit may be: everyone, a channel, a department or a part of one."""
    units = municipality.sub_departments
    departments = [f"{'sub_department' if each in units else 'department'}:{each}" for each in municipality.departments]
    return [EVERYONE, *(f"channel:{channel.value}" for channel in Channel), *departments]
