"""What operators see of messages and work, without a deployment."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import typer

from chalicelib.booking.planned import MessageKind
from chalicelib.dispatch.templates import checked_templates
from chalicelib.municipalities.document import municipality_from
from cli.municipality_file import FileRejected, read_file
from cli.operations import _days, _months
from cli.sms import headline
from tests.builders import MONDAY, a_municipality

DEMO = Path(__file__).parents[2] / "demo"


@pytest.mark.requirement("SK-04")
@pytest.mark.parametrize("file", sorted(DEMO.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_message_of_the_demo_municipalities_is_one_segment(file: Path) -> None:
    for checked in checked_templates(municipality_from(read_file(file))):
        assert checked.problems == ()
        assert checked.measure.parts == 1


def test_a_message_is_shown_with_how_the_carrier_counts_it() -> None:
    checked = {(each.kind, each.language): each for each in checked_templates(a_municipality())}
    danish = checked["invitation", "da"]
    assert danish.text.startswith("Tak for dit besøg hos Fjordby Kommune (kode WWWWWW).")
    line = headline("fjordby", "Fjordby", danish)
    assert line == f"fjordby · invitation · da · from Fjordby: gsm7, {len(danish.text)} of 160 characters, 1 part"
    priced = headline("fjordby", "Fjordby", danish, Decimal("0.35"))
    assert priced == f"{line}, 0.35 at the list price you gave"


def test_every_kind_has_words_in_both_languages_that_fit() -> None:
    checked = list(checked_templates(a_municipality()))
    assert {each.kind for each in checked} >= {*MessageKind, "invitation"}
    assert [each.kind for each in checked if each.problems or each.measure.parts > 1] == []
    assert {each.language for each in checked if each.kind == "reminder"} == {"da", "en"}


def test_the_products_own_words_give_way_to_a_long_name_but_an_authors_are_judged() -> None:
    name = {"da": "Lyngby-Taarbæk og Omegns Kommune", "en": "Lyngby-Taarbæk and Surroundings"}
    long = a_municipality(name=name)
    by_kind = {each.kind: each for each in checked_templates(long) if each.language == "da"}
    assert by_kind["closed"].problems == ()
    assert by_kind["closed"].measure.parts == 1
    own = {
        "closed": {
            "da": "{municipality}: Vi lukker desværre {date} {time}. Forslag: {new_date} {new_time}. Svar: {link}"
        }
    }
    judged = [each for each in checked_templates(a_municipality(name=name, sms_templates=own)) if each.kind == "closed"]
    assert judged[0].problems


def test_a_template_with_problems_says_which() -> None:
    templates = {"invitation": {"da": "Hej {name} – {link}", "en": "“{link}”" + "x" * 80}}
    checked = checked_templates(a_municipality(sms_templates=templates))
    found = {each.language: each for each in checked if each.kind == "invitation"}
    assert found["da"].problems == ("unknown placeholder {name}",)
    assert found["en"].measure.parts == 2
    assert len(found["en"].problems) == 2


def test_a_file_with_such_a_message_is_refused_by_line(tmp_path: Path) -> None:
    text = (DEMO / "sandholm.yaml").read_text(encoding="utf-8")
    broken = text.replace("Tak for dit besøg hos Sandholm Kommune", "Tak for dit besøg – hos Sandholm Kommune")
    assert broken != text
    file = tmp_path / "sandholm.yaml"
    file.write_text(broken, encoding="utf-8")
    with pytest.raises(FileRejected) as refused:
        read_file(file)
    number = next(n for n, line in enumerate(broken.splitlines(), 1) if "besøg – hos" in line)
    assert f"line {number}: sms_templates.invitation.da: characters" in str(refused.value)


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (None, None, ["2026-10", "2026-11"]),
        ("2026-11", None, ["2026-11"]),
        ("2026-01", "2026-03", ["2026-01", "2026-02", "2026-03"]),
        (None, "2026-09", ["2026-09"]),
    ],
)
def test_a_period_is_months(first: str | None, last: str | None, months: list[str]) -> None:
    assert _months(MONDAY, first, last) == months


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (None, None, None),
        ("2026-10", "2026-11", None),
        ("2026-11-05", "2026-11-06", (date(2026, 11, 5), date(2026, 11, 6))),
        ("2026-11-05", None, (date(2026, 11, 5), date(2026, 11, 23))),
        ("2026-10-30", "2026-11", (date(2026, 10, 30), date(2026, 11, 30))),
        (None, "2026-11-06", (date(2026, 11, 1), date(2026, 11, 6))),
    ],
)
def test_a_period_may_be_days(first: str | None, last: str | None, days: Any) -> None:
    assert _days(MONDAY, first, last) == days


@pytest.mark.parametrize(("first", "last"), [("2026-11", "2026-10"), ("november", None), ("2020-01", "2020-02")])
def test_another_period_is_refused(first: Any, last: Any) -> None:
    with pytest.raises(typer.Exit) as refused:
        _months(MONDAY, first, last)
    assert refused.value.exit_code == 2
