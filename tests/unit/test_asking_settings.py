"""The settings about questionnaires in a municipality's file: defaults where it says nothing, lines where it is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.municipalities.asking import AskingPolicy, asking_from
from chalicelib.municipalities.document import municipality_from
from cli.municipality_file import FileRejected, read_file
from tests.builders import a_municipality

DEMO = Path(__file__).resolve().parents[2] / "demo"
SANDHOLM = (DEMO / "sandholm.yaml").read_text(encoding="utf-8")


def read(tmp_path: Path, asking: str, own=None):
    file = tmp_path / "town.yaml"
    file.write_text(f"{SANDHOLM}\nasking:\n  {asking}\n", encoding="utf-8")
    return municipality_from(read_file(file, own)).asking


def test_an_older_document_has_the_defaults():
    assert a_municipality().asking == asking_from({}) == AskingPolicy()
    assert (AskingPolicy().kiosk, AskingPolicy().open, AskingPolicy().callbacks) == ("pulse", (), False)


@pytest.mark.requirement("GL-66", "SK-17")
def test_the_demo_shows_every_setting():
    asking = municipality_from(read_file(DEMO / "fjordby.yaml")).asking
    assert [str(language) for language in asking.languages] == ["da", "en", "ar", "uk", "pl", "de"]
    assert (asking.open, asking.callbacks, asking.enough_margin) == (("pulse", "gladsaxe"), True, 5)


@pytest.mark.parametrize(
    ("asking", "expected"),
    [
        ("languages: [da]", "en can't be left out"),
        ("languages: [da, en, xx]", "asking.languages[2]"),
        ("kiosk: pulsen", "asking.kiosk: no such questionnaire; there are aarhus"),
        ("open: [pulse, mine]", "asking.open: no such questionnaire"),
        ("by_channel: {phone: mine}", "asking.by_channel: no such questionnaire"),
        ("by_channel: {pigeon: pulse}", "asking.by_channel.pigeon"),
        ("enough_margin: 0", "asking.enough_margin"),
        ("nominees: [Hans Hansen]", "Hans Hansen, who are not among staff_names"),
    ],
)
def test_a_wrong_setting_is_named(tmp_path, asking, expected):
    with pytest.raises(FileRejected) as caught:
        read(tmp_path, asking)
    assert expected in str(caught.value)


def test_a_questionnaire_of_ones_own_can_be_named_once_it_is_stored(tmp_path):
    asking = read(tmp_path, "kiosk: mine", lambda municipality: [f"of-{municipality}", "mine"])
    assert asking.kiosk == "mine"
