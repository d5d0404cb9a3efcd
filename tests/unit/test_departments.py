"""Departments and sub-departments: in the municipality's file, on the facts, in the lake, and protected in reports."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from chalicelib.lake.landing import Fact, contact_objects, response_objects
from chalicelib.municipalities.document import municipality_from
from chalicelib.municipalities.units import department_of, sub_department_of, unit_path
from chalicelib.reporting.published import sums_of
from chalicelib.reporting.suppression import Sum, hidden_places
from chalicelib.surveys.model import Fact as Known
from chalicelib.surveys.model import Facts
from chalicelib.surveys.questionnaire import questionnaire
from chalicelib.surveys.routing import told
from cli.municipality_file import read_file
from cli.municipality_schema import MunicipalityFile

LINDEBY = Path(__file__).parents[2] / "demo" / "lindeby.yaml"


def _file(**departments: dict[str, str]) -> dict[str, Any]:
    document = read_file(LINDEBY)
    named = {unit: {"da": unit, "en": unit} | entry for unit, entry in departments.items()}
    return document | {"departments": document["departments"] | named}


@pytest.mark.requirement("GL-14", "GL-15")
def test_a_reason_knows_its_department_and_its_part_of_it() -> None:
    lindeby = municipality_from(read_file(LINDEBY))
    paths = {str(reason.id): reason.department for reason in lindeby.reasons}
    assert paths["building-permit"] == "technical/building"
    assert paths["roads"] == "technical"
    assert lindeby.sub_departments == {"building": "technical", "environment": "technical"}
    assert lindeby.departments["building"] == {"da": "Byggesag, plan & vej", "en": "Building, planning and roads"}
    assert unit_path("building", lindeby.sub_departments) == "technical/building"
    assert (department_of("technical/building"), sub_department_of("technical/building")) == ("technical", "building")
    assert (department_of("technical"), sub_department_of("technical")) == ("technical", None)


@pytest.mark.parametrize(
    ("entry", "said"),
    [({"parent": "nowhere"}, "not among the departments"), ({"parent": "building"}, "a sub-department itself")],
)
def test_there_are_two_levels(entry: dict[str, str], said: str) -> None:
    MunicipalityFile.model_validate(_file(parks={"parent": "technical"}))
    with pytest.raises(ValidationError, match=said):
        MunicipalityFile.model_validate(_file(parks=entry))


def test_older_documents_have_no_sub_departments() -> None:
    document = read_file(LINDEBY) | {"departments": {}}
    document["reasons"] = [reason | {"department": "benefits"} for reason in document["reasons"]]
    assert {reason.department for reason in municipality_from(document).reasons} == {"benefits"}


@pytest.mark.requirement("GL-15", "GL-18")
@pytest.mark.parametrize(
    ("path", "department", "part"),
    [("technical/building", "technical", "building"), ("technical", "technical", None), (None, None, None)],
)
def test_a_fact_lands_with_both(path: str | None, department: str | None, part: str | None) -> None:
    moment = "2026-11-23T09:00:00Z"
    contact = {
        "channel": "phone",
        "department": path,
        "reasons": ["waste"],
        "arrived_at": moment,
        "ended_at": moment,
        "consent": {"offered": False, "granted": False},
    }
    (landed,) = contact_objects(Fact("lindeby", "01J" + "A" * 23, contact))
    assert (landed.rows[0]["department"], landed.rows[0]["sub_department"]) == (department, part)
    response = {
        "questionnaire": "gladsaxe",
        "mode": "phone",
        "started_at": moment,
        "contact_ended_at": moment,
        "answers": {},
        "comments": {},
        "facts": {"department": path},
    }
    (landed,) = response_objects(Fact("lindeby", "01J" + "B" * 23, response))
    assert (landed.rows[0]["department"], landed.rows[0]["sub_department"]) == (department, part)


@pytest.mark.requirement("GL-18")
def test_a_questionnaire_asks_for_no_department_that_is_known_by_its_part() -> None:
    facts = Facts(channel="phone", department="technical/building")
    assert facts.value(Known.DEPARTMENT) == "technical"
    assert told(questionnaire("gladsaxe"), facts, {}) == facts


@pytest.mark.requirement("GL-53", "GL-15")
def test_neither_a_part_nor_its_department_gives_a_small_part_away() -> None:
    reasons = {"permit": "technical/building", "waste": "technical/environment", "roads": "technical", "pas": "service"}
    parents = {"building": "technical", "environment": "technical"}
    bases = {
        ("all", "all"): 150,
        ("department", "technical"): 70,
        ("department", "service"): 80,
        ("sub_department", "building"): 4,
        ("sub_department", "environment"): 36,
        ("reason", "permit"): 4,
        ("reason", "waste"): 36,
        ("reason", "roads"): 30,
        ("reason", "pas"): 80,
    }
    sums = list(sums_of(bases, reasons, parents))
    assert Sum(("department", "technical"), (("sub_department", "building"), ("sub_department", "environment"))) in sums
    assert Sum(("sub_department", "building"), (("reason", "permit"),)) in sums
    hidden = hidden_places(bases, sums, limit=5)
    assert {("sub_department", "building"), ("reason", "permit")} <= hidden
    shown_parts = [place for place in bases if place[0] == "sub_department" and place not in hidden]
    assert not shown_parts or ("department", "technical") in hidden or 70 - sum(bases[p] for p in shown_parts) >= 5
    shown_reasons = [place for place in bases if place[0] == "reason" and place not in hidden]
    assert 150 - sum(bases[place] for place in shown_reasons) >= 5
    assert ("reason", "waste") in hidden or ("reason", "roads") in hidden
