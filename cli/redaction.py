"""`borgerpuls redaction`: how good redaction is on labelled comments, by precision and recall (I6).

A line is a comment in which `{label|text}` marks what must go and under which label; `#` begins a remark.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003 - typer reads it when the command is called
from typing import TYPE_CHECKING, Annotated, Final

import typer

from chalicelib.surveys.redaction import Redactor, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MARK: Final = re.compile(r"\{([a-z-]+)\|([^}]*)\}")
_ESCAPE: Final = re.compile(r"\\u([0-9a-f]{4})")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A comment and the stretches (of its normalised text) that must go."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


@dataclass(slots=True)
class Measured:
    """Per label: how many to find, found whole, taken out, and taken out rightly; `wrong` says what went wrong."""

    wanted: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    @property
    def labels(self) -> list[str]:
        """Every label, in order."""
        return sorted({*self.wanted, *self.taken})

    def recall(self, label: str) -> float:
        """Of what had to go, the share that went whole."""
        return self.found[label] / self.wanted[label] if self.wanted[label] else 1.0

    def precision(self, label: str) -> float:
        """Of what went, the share that had to."""
        return self.right[label] / self.taken[label] if self.taken[label] else 1.0


def redaction(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="labelled comments, one a line")],
    staff: Annotated[list[str] | None, typer.Option(help="a name of the municipality's staff; repeat it")] = None,
) -> None:
    """Measure redaction on labelled comments: recall and precision by kind, and everything that went wrong."""
    measured = measure(labelled(file.read_text(encoding="utf-8").splitlines()), staff or ())
    typer.echo("\n".join(table(measured)))
    typer.echo("\n".join(measured.wrong))


def labelled(lines: Iterable[str]) -> list[Labelled]:
    """The comments of a file's lines."""
    return [_read(line) for line in lines if line and not line.startswith("#")]


def measure(comments: Iterable[Labelled], staff: Iterable[str]) -> Measured:
    """What the redactor does with them. Found counts only what is gone whole, letters and digits."""
    measured, redactor = Measured(), Redactor(staff)
    for comment in comments:
        _measure_one(measured, redactor, comment)
    return measured


def table(measured: Measured) -> Iterator[str]:
    """The figures as a Markdown table."""
    yield "| kind | to find | found | recall | taken out | rightly | precision |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for label in measured.labels:
        yield (
            f"| {label} | {measured.wanted[label]} | {measured.found[label]} | {measured.recall(label):.3f} | "
            f"{measured.taken[label]} | {measured.right[label]} | {measured.precision(label):.3f} |"
        )


def _measure_one(measured: Measured, redactor: Redactor, comment: Labelled) -> None:
    findings = redactor.findings(comment.text)
    gone = {position for found in findings for position in range(found.start, found.end)}
    due = {position for start, end, _ in comment.spans for position in range(start, end)}
    for start, end, label in comment.spans:
        measured.wanted[label] += 1
        whole = {i for i in range(start, end) if comment.text[i].isalnum()} <= gone
        measured.found[label] += whole
        if not whole:
            measured.wrong.append(f"missed {comment.text[start:end]!r} in {comment.text!r}")
    for found in findings:
        measured.taken[found.label] += 1
        fits = sum(position in due for position in range(found.start, found.end)) > (found.end - found.start) / 2
        measured.right[found.label] += fits
        if not fits:
            took = comment.text[found.start : found.end]
            measured.wrong.append(f"took {took!r} [{found.label}] in {comment.text!r}")


def _read(line: str) -> Labelled:
    line = normalised(_ESCAPE.sub(lambda match: chr(int(match[1], 16)), line.replace("\\n", "\n")))
    text, spans, position = "", list[tuple[int, int, str]](), 0
    for mark in _MARK.finditer(line):
        text += line[position : mark.start()]
        spans.append((len(text), len(text) + len(mark[2]), mark[1]))
        text, position = text + mark[2], mark.end()
    return Labelled(text + line[position:], tuple(spans))
