"""The themes of comments in a municipality's file (SK-21)."""

from __future__ import annotations

from pathlib import Path

import pytest

from chalicelib.municipalities.commenting import THEMES, CommentPolicy, comments_from
from chalicelib.municipalities.document import municipality_from
from cli.municipality_file import FileRejected, read_file
from tests.builders import a_municipality

DEMO = Path(__file__).resolve().parents[2] / "demo"
SANDHOLM = (DEMO / "sandholm.yaml").read_text(encoding="utf-8")

pytestmark = pytest.mark.requirement("SK-21")


def test_without_themes_there_are_the_products_own():
    assert a_municipality().comments == comments_from({}) == CommentPolicy()
    assert list(CommentPolicy().themes) == list(THEMES)
    assert all(set(text) >= {"da", "en"} for text in THEMES.values())


def test_a_municipality_names_its_own_in_its_order():
    themes = municipality_from(read_file(DEMO / "fjordby.yaml")).comments.themes
    assert list(themes)[-2:] == ["outcome", "other"]
    assert themes["ferry"]["en"] == "The ferry and the islands"


@pytest.mark.parametrize(
    ("themes", "expected"),
    [
        ("{Wait: {da: Vent, en: Wait}}", "comments.themes"),
        ("{wait: {da: Vent}}", "missing in: en"),
        ("{" + ", ".join(f"t{number}: {{da: a, en: b}}" for number in range(13)) + "}", "comments.themes"),
    ],
)
def test_a_wrong_theme_is_named(tmp_path, themes, expected):
    file = tmp_path / "town.yaml"
    file.write_text(f"{SANDHOLM}\ncomments:\n  themes: {themes}\n", encoding="utf-8")
    with pytest.raises(FileRejected) as caught:
        read_file(file)
    assert expected in str(caught.value)
