"""`borgerpuls questionnaire`: check, look at and store a municipality's own questionnaire, and measure redaction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chalicelib.shared.languages import COMPLETE, Language, in_language
from chalicelib.surveys.audience import may_reach_employees
from chalicelib.surveys.model import Fact
from chalicelib.surveys.questionnaire import available, bank, questionnaire
from chalicelib.surveys.questionnaire_document import problems_of, questionnaire_from
from cli.environment import use_stage
from cli.yaml_lines import FileRejected, Problem, field_name, line_of, read_mapping

if TYPE_CHECKING:
    from collections.abc import Iterator

    from chalicelib.surveys.model import Condition, Question, Questionnaire

questionnaire_app = typer.Typer(no_args_is_help=True, help="Questionnaires.")

FileArgument = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="the questionnaire's YAML file")]


@questionnaire_app.callback()
def _questionnaire() -> None:
    """Questionnaires."""


@questionnaire_app.command("check")
def check(file: FileArgument) -> None:
    """Check a questionnaire's file; every problem with its line. Exit code 2 when there are any."""
    asked = questionnaire_from(read_questionnaire(file), bank())
    typer.echo(f"{file}: {asked.id} {asked.version}, {len(asked.items)} questions, complete in {_listed(asked)}")
    for line in _gaps(asked):
        typer.echo(f"  note: {line}")


@questionnaire_app.command("preview")
def preview(
    which: Annotated[str, typer.Argument(help="a YAML file, or the id of one of the product's questionnaires")],
    language: Annotated[Language, typer.Option(help="in which language")] = Language.DANISH,
) -> None:
    """Print a questionnaire as it is asked: questions, answers, routes, and what counts as positive."""
    file = Path(which)
    asked = questionnaire_from(read_questionnaire(file), bank()) if file.is_file() else questionnaire(which)
    typer.echo("\n".join(preview_lines(asked, language)))


@questionnaire_app.command("list")
def shipped() -> None:
    """Print the product's questionnaires."""
    for name in available():
        asked = questionnaire(name)
        title = in_language(asked.title, Language.DANISH) if asked.title else name
        typer.echo(f"{name} {asked.version}: {title} ({len(asked.items)} questions; {_listed(asked)})")


@questionnaire_app.command("apply")
def apply(file: FileArgument, municipality: Annotated[str, typer.Option(help="the municipality's id")]) -> None:
    """Check a questionnaire's file and store it for a municipality. A changed one needs a new version (GL-10)."""
    document = read_questionnaire(file)
    use_stage()
    from chalicelib import bootstrap

    known = bootstrap.municipalities().get(municipality)
    changed = bootstrap.questionnaires().apply(known.id, document)
    how = "is stored, and asked within a minute" if changed else "was in force"
    typer.echo(f"{known.id}: {document['id']} {document['version']} {how}")


def read_questionnaire(path: Path) -> dict[str, Any]:
    """The checked document of a file: plain JSON, as it is stored.

    Raises:
        FileRejected: with every problem, by line and field.
    """
    document, tree = read_mapping(path)
    found = problems_of(document, bank())
    problems = [Problem(line_of(tree, each.location), field_name(each.location), str(each)) for each in found]
    if document.get("id") in available():
        name = document["id"]
        problems.append(Problem(line_of(tree, ("id",)), "id", f"{name} is the product's; give yours a name of its own"))
    shipped_wordings = {(q["id"], q["version"]) for q in bank()["questions"]}
    for index, question in enumerate(document.get("questions") or ()):
        if isinstance(question, dict) and (question.get("id"), question.get("version")) in shipped_wordings:
            place = ("questions", index, "version")
            message = "the product has this wording already: leave it out, or give yours another version"
            problems.append(Problem(line_of(tree, place), field_name(place), message))
    if problems:
        raise FileRejected(sorted(problems, key=lambda problem: problem.line))
    return document


def preview_lines(asked: Questionnaire, language: str) -> Iterator[str]:
    """The questionnaire in words, for a terminal."""
    title = f": {in_language(asked.title, language)}" if asked.title else ""
    yield f"{asked.id} {asked.version}{title}"
    if asked.screening:
        yield f"only those who answer {' or '.join(sorted(asked.screening.continues))} to {asked.screening.question}"
    for number, question in enumerate(asked.items, 1):
        yield f"{number}. {in_language(question.text, language)}"
        yield from (f"     {line}" for line in _details(asked, question, language))


def _details(asked: Questionnaire, question: Question, language: str) -> Iterator[str]:
    wanted = "required" if question.required else "may be skipped"
    yield f"{question.id} {question.version}, {question.type}, {wanted}"
    if question.scale:
        ends = (question.scale.minimum_text, question.scale.maximum_text)
        low, high = (in_language(text, language) for text in ends)
        yield f"{question.scale.minimum} ({low}) to {question.scale.maximum} ({high})"
    if question.choices:
        most = f", at most {question.max_choices}" if question.max_choices else ""
        order = ", shuffled" if question.randomise else ""
        yield f"answers{most}{order}: " + " / ".join(in_language(choice.text, language) for choice in question.choices)
    if question.favourable:
        yield f"positive: {in_language(question.favourable_text, language)}; {question.direction}"
    for condition in question.when:
        yield f"only if {_about(asked, condition, language)} is {' or '.join(sorted(condition.among))}"
    if question.known_from:
        yield f"not asked where the contact's {question.known_from} is known"
    if may_reach_employees(question):
        yield "may be shown to the employee"


def _about(asked: Questionnaire, condition: Condition, language: str) -> str:
    question = None if isinstance(condition.about, Fact) else asked.find(condition.about)
    return in_language(question.short, language) if question else str(condition.about)


def _gaps(asked: Questionnaire) -> Iterator[str]:
    """Languages that are begun and not finished: such a questionnaire isn't offered in them."""
    texts = [text for item in asked.items for text in item.texts]
    for language in Language:
        missing = sum(not text.get(language) for text in texts)
        if language not in COMPLETE and 0 < missing < len(texts):
            yield f"{language}: {missing} of {len(texts)} texts are missing, so it is not offered"


def _listed(asked: Questionnaire) -> str:
    return ", ".join(asked.languages)
