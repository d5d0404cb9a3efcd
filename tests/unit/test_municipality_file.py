"""A municipality's file: everything wrong is said at once, with line and field, and nothing half-right is accepted."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from chalicelib.municipalities.document import municipality_from
from cli.municipality_file import FileRejected, read_file
from cli.municipality_schema import AlternativeFile

DEMO = Path(__file__).resolve().parents[2] / "demo"
SANDHOLM = (DEMO / "sandholm.yaml").read_text(encoding="utf-8")


def rejected(tmp_path: Path, text: str) -> str:
    file = tmp_path / "town.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(FileRejected) as caught:
        read_file(file)
    return str(caught.value)


@pytest.mark.requirement("SK-23")
def test_the_large_demo_municipality_has_the_size_of_the_source():
    model = municipality_from(read_file(DEMO / "fjordby.yaml"))
    assert (len(model.offices), len(model.reasons), len(model.staff_names)) == (3, 12, 36)


@pytest.mark.requirement("FR-17")
@pytest.mark.parametrize("name", ["fjordby", "lindeby", "sandholm"])
def test_every_demo_file_is_accepted_and_complete(name):
    model = municipality_from(read_file(DEMO / f"{name}.yaml"))
    for office in model.offices:
        for reason in office.reasons:
            assert office.group_for(reason).opening
            assert model.reason(reason).name["en"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('code: "0998"', "code: 998", "line 5: code: "),
        ('closes: "17:00"', 'closes: "12:00"', "opens must be before closes"),
        ('brand_colour: "#7a2e12"', 'brand_colour: "#ffcc00"', "line 6: brand_colour: contrast with white is 1.5"),
        ("id: sandholm", "id: api", "an address that the product uses itself"),
        ("sender: Sandholm", "sender: Sandholm Kommune", "survey.sender"),
        (
            "questionnaire: skive-9",
            "questionnaire: skive-8",
            "no such questionnaire; there are aarhus, gladsaxe, hotline-9, pulse",
        ),
        ("questionnaire: skive-9", "questionaire: skive-9", "survey.questionaire: Extra inputs are not permitted"),
        ("desks: 2}", "desks: 5}", "more desks than the 2 of the group"),
        ("reasons: [passport, licence, mitid, other]", "reasons: [passport, tax]", "unknown reasons: tax"),
        ("duration_minutes: 20", "duration_minutes: 25", "no multiple of the 10-minute tick"),
        ("en: Citizens' House}", "en: ''}", "offices[0].name: the text is missing in: en"),
    ],
)
def test_an_error_names_the_field_and_what_to_do(tmp_path, old, new, expected):
    assert old in SANDHOLM
    assert expected in rejected(tmp_path, SANDHOLM.replace(old, new))


@pytest.mark.requirement("FR-13")
def test_a_reason_that_the_law_ties_to_attendance_offers_no_way_round(tmp_path):
    offer = """attendance_required: true
    alternatives: [{channel: phone, text: {da: Ring, en: Call}, target: "70 00 00 01"}]"""
    message = rejected(tmp_path, SANDHOLM.replace("attendance_required: true", offer))
    assert "no alternative may be offered" in message


@pytest.mark.requirement("GL-21")
def test_a_reason_that_the_law_ties_to_attendance_is_held_in_person_only(tmp_path):
    text = SANDHOLM.replace("attendance_required: true", "attendance_required: true\n    meetings: [in_person, phone]")
    assert "it can be held in person only" in rejected(tmp_path, text)


@pytest.mark.parametrize(
    ("channel", "target", "is_right"),
    [
        ("phone", "70 00 00 01", True),
        ("phone", "+46 70 123 45 67", True),
        ("phone", "ring", False),
        ("self_service", "https://www.sandholm.example/flytning", True),
        ("self_service", "http://www.sandholm.example", False),
        ("self_service", "javascript:alert(1)", False),
        ("self_service", "//elsewhere.example", False),
        ("e_mail", "borger@sandholm.example", True),
        ("letter", "Torvet 1, 9998 Sandholm", True),
    ],
)
def test_another_way_leads_where_its_channel_says(channel, target, is_right):
    given = {"channel": channel, "text": {"da": "Andet", "en": "Other"}, "target": target}
    if is_right:
        assert AlternativeFile(**given).target == target
    else:
        with pytest.raises(ValidationError, match="give a phone number"):
            AlternativeFile(**given)


def test_broken_yaml_is_reported_with_its_line(tmp_path):
    assert rejected(tmp_path, "id: x\nname: [").startswith("line 2: (file): ")


def test_several_problems_are_reported_together(tmp_path):
    text = SANDHOLM.replace('code: "0998"', "code: 998").replace("quarantine_days: 180", "quarantine_days: -1")
    assert len(rejected(tmp_path, text).splitlines()) == 2
