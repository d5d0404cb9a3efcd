"""What a municipality says beside the scores of its departments, and what their parts do not say."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pydantic import ValidationError

from chalicelib.municipalities.document import municipality_from
from chalicelib.web.charts_names import group_names
from chalicelib.web.pages import Page, render
from chalicelib.web.urls import Urls
from cli.municipality_file import read_file
from cli.municipality_schema import MunicipalityFile
from tests.builders import a_municipality

if TYPE_CHECKING:
    from chalicelib.municipalities.model import Municipality

LINDEBY = read_file(Path(__file__).parents[2] / "demo" / "lindeby.yaml")
ONLY_WHERE_ENOUGH = "Sub-departments are shown where there are answers enough."


def shown(municipality: Municipality, by: str) -> str:
    page = Page(Urls("", "/static"), "en", "/lindeby/reports/groups", municipality)
    source = render("report/departments.html", page, by=by, name=group_names(municipality, "en"))
    return " ".join(re.sub(r"<[^>]+>", " ", source).split())


@pytest.mark.requirement("GL-23")
@pytest.mark.parametrize("by", ["department", "sub_department"])
def test_a_departments_note_stands_with_the_scores_of_departments(by: str) -> None:
    parts = {**LINDEBY["department_notes"], "building": {"da": "Sager tager lang tid.", "en": "Cases take long."}}
    said = shown(municipality_from({**LINDEBY, "department_notes": parts}), by)
    assert "Job centre: Most are required to come to a talk." in said
    assert "Building, planning and roads (Technical services and environment): Cases take long." in said


@pytest.mark.requirement("GL-62")
def test_a_department_in_parts_is_said_to_have_no_more_problems_for_that() -> None:
    said = shown(municipality_from(LINDEBY), "department")
    assert ONLY_WHERE_ENOUGH in said
    assert "does not mean that it has more problems than others" in said


def test_nothing_is_said_where_there_is_nothing_to_say() -> None:
    assert not shown(municipality_from(LINDEBY), "office")
    assert not shown(a_municipality(), "department")


@pytest.mark.requirement("GL-23")
def test_a_note_is_about_a_department_in_both_languages() -> None:
    for notes, said in (
        ({"parks": {"da": "x", "en": "x"}}, "parks is not among the departments"),
        ({"family": {"da": "x"}}, "the text is missing in: en"),
    ):
        with pytest.raises(ValidationError, match=said):
            MunicipalityFile.model_validate({**LINDEBY, "department_notes": notes})
