"""A municipality's own questionnaire as a file: every mistake is named with its line, and nothing half right is stored."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from chalicelib.surveys.model import Fact
from chalicelib.surveys.questionnaire import bank, questionnaire, questionnaire_from
from chalicelib.surveys.trends import same_series, wording_changes
from cli.main import app
from cli.questionnaire import preview_lines, read_questionnaire
from cli.yaml_lines import FileRejected

GOOD = """\
id: vores-puls
version: "1"
title: {da: Vores puls, en: Our pulse}
questions:
  - id: why-low
    version: "1"
    type: text
    text: {da: "Hvad manglede der?", en: "What was missing?"}
    short: {da: Manglede, en: Missing}
  - id: again
    version: "2"
    type: yes_no
    text: {da: "Ville du komme igen?", en: "Would you come again?"}
    short: {da: Igen, en: Again}
    favourable: [yes]
    favourable_text: {da: Ja, en: Yes}
    follows: {version: "1", comparable: false, note: {da: Før spurgte vi om anbefaling., en: We used to ask for a recommendation.}}
items:
  - {question: satisfaction, version: "0-10.1", required: true}
  - question: why-low
    version: "1"
    when: {answers: {satisfaction: [0, 1, 2]}, channel: [phone]}
  - {question: again, version: "2"}
screening: {question: again, continues: [yes]}
"""


def a_file(tmp_path: Path, text: str = GOOD) -> Path:
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def rejected(tmp_path: Path, old: str, new: str) -> str:
    assert old in GOOD
    with pytest.raises(FileRejected) as caught:
        read_questionnaire(a_file(tmp_path, GOOD.replace(old, new)))
    return str(caught.value)


@pytest.mark.requirement("BF-26")
def test_a_good_file_is_a_questionnaire(tmp_path):
    asked = questionnaire_from(read_questionnaire(a_file(tmp_path)), bank())
    assert [item.id for item in asked.items] == ["satisfaction", "why-low", "again"]
    assert {condition.about for condition in asked.items[1].when} == {"satisfaction", Fact.CHANNEL}
    assert asked.items[2].favourable == ("yes",), "YAML reads a bare yes as true"
    assert asked.screening.continues == {"yes"}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('version: "1"\ntitle', "version: 1\ntitle", "line 2: version: vores-puls: version is missing, or no text in quotes"),
        ("type: text", "type: slider", "line 7: questions[0].type: why-low 1: type must be one of"),
        ("{da: Manglede, en: Missing}", "{da: Manglede}", "line 9: questions[0].short: why-low 1: short is needed in da and en"),
        ('en: "What was missing?"}', 'en: "What was missing?", xx: y}', "line 8: questions[0].text: why-low 1: text is in unknown languages: xx"),
        ("favourable: [yes]", "favourable: [maybe]", "line 15: questions[1].favourable"),
        ("note: {da: Før spurgte vi om anbefaling., en: We used to ask for a recommendation.}", "note: {da: Kun dansk}", "line 17: questions[1]"),
        ('question: satisfaction, version: "0-10.1"', 'question: satisfaction, version: "0-11.1"', "line 19: items[0].question"),
        ("satisfaction: [0, 1, 2]", "friendliness: [0]", "line 22: items[1].when.answers.friendliness: vores-puls: why-low: friendliness is not asked before this"),
        ("satisfaction: [0, 1, 2]", "satisfaction: [11]", "satisfaction has no answer 11"),
        ("channel: [phone]", "chanel: [phone]", "line 22: items[1].when.chanel"),
        ("continues: [yes]", "continues: [maybe]", "line 24: screening.continues: vores-puls: the question has no answer maybe"),
        ("id: vores-puls", "id: skive", "line 1: id: skive is the product's"),
        ("items:", "itms:", "line 18: itms: vores-puls: unknown keys: itms"),
        ("title: {", "title: [", "line 3"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(tmp_path, old, new, expected):
    assert expected in rejected(tmp_path, old, new)


def test_all_mistakes_are_named_at_once(tmp_path):
    text = GOOD.replace("type: text", "type: slider").replace("favourable: [yes]", "favourable: [maybe]")
    with pytest.raises(FileRejected) as caught:
        read_questionnaire(a_file(tmp_path, text))
    assert {problem.line for problem in caught.value.problems} >= {7, 15}


def test_a_wording_of_the_product_can_be_named_and_not_replaced(tmp_path):
    mine = rejected(tmp_path, "id: why-low\n    version", "id: comment\n    version")
    assert "line 6: questions[0].version: the product has this wording already" in mine


@pytest.mark.requirement("GL-10")
def test_a_changed_wording_is_a_break_unless_it_says_otherwise(tmp_path):
    document = read_questionnaire(a_file(tmp_path))
    (change,) = wording_changes(document["questions"])
    assert (change.question, change.before, change.after, change.comparable) == ("again", "1", "2", False)
    assert change.note["en"].startswith("We used to")
    assert not same_series(document["questions"], "again", "1", "2")
    chain = [
        {"id": "q", "version": v, "follows": {"version": b, "comparable": c, "note": {"da": "x", "en": "x"}}}
        for b, v, c in (("1", "2", True), ("2", "3", True), ("3", "4", False))
    ]
    assert same_series(chain, "q", "1", "3")
    assert same_series(chain, "q", "3", "1")
    assert not same_series(chain, "q", "1", "4")
    assert not same_series(chain, "other", "1", "2")


def test_the_commands_say_what_they_found(tmp_path):
    run = CliRunner()
    good = run.invoke(app, ["questionnaire", "check", str(a_file(tmp_path))])
    assert good.exit_code == 0
    assert "vores-puls 1, 3 questions, complete in da, en" in good.output
    assert "note: ar: " in good.output, "the satisfaction question has Arabic, the others have not"
    shown = run.invoke(app, ["questionnaire", "preview", str(a_file(tmp_path)), "--language", "en"])
    assert "2. What was missing?" in shown.output
    assert "only if Satisfaction is 0 or 1 or 2" in shown.output
    listed = run.invoke(app, ["questionnaire", "list"])
    assert "gladsaxe 1: Den store borgermåling (35 questions; da, en)" in listed.output


def test_a_preview_tells_routes_counts_and_who_may_see():
    text = "\n".join(preview_lines(questionnaire("gladsaxe"), "en"))
    assert "only those who answer yes to contact-last-year" in text
    assert "only if Latest channel is phone" in text
    assert "answers, at most 3, shuffled: " in text
    assert "not asked where the contact's channel is known" in text
    assert "lower_is_better" in text
    assert "may be shown to the employee" in text


def test_the_documented_example_is_valid(tmp_path):
    docs = (Path(__file__).parents[2] / "docs" / "questionnaires.md").read_text(encoding="utf-8")
    example = docs.split("```yaml\n")[1].split("```")[0]
    assert read_questionnaire(a_file(tmp_path, example))["id"] == "vores-puls"
