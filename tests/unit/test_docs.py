"""What the documents say exists: links, files, tables, terms of storage, alarms, commands, numbers of decisions."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from chalicelib.adapters import tables
from chalicelib.adapters.booking import appointment_rows, capacity_steps
from chalicelib.adapters.citizens import dynamodb_consents
from chalicelib.adapters.dispatch import dynamodb_receipts, invitation_rows
from chalicelib.adapters.visits import dynamodb_visits
from chalicelib.booking.requests import KEPT_HOURS
from chalicelib.dispatch.model import LEASE, RECEIPT_WAIT
from chalicelib.lake.schemas import TABLES
from chalicelib.shared.work import WorkKind
from cli.main import app
from infra.alarms_template import alarms_template

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
DOCUMENTS = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
DATA_MODEL = (DOCS / "data-model.md").read_text(encoding="utf-8")
DECISIONS = sorted((DOCS / "adr").glob("*.md"))

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"`([^`\n]+)`")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_FILE = re.compile(r"[\w.-]+(/[\w.-]+)*(\.(py|md|yaml|yml|sql|toml|json|txt|lock|sh)|/)")


def text_of(document: Path) -> str:
    return document.read_text(encoding="utf-8")


def name_of(document: Path) -> str:
    return str(document.relative_to(ROOT))


@cache
def anchors(document: Path) -> frozenset[str]:
    """What a link into a document can name: explicit anchors, and headings as GitHub makes them."""
    prose = _FENCE.sub("", text_of(document))
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
    return frozenset(slugs | set(re.findall(r'<a id="([^"]+)"></a>', prose)))


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_links_lead_somewhere(document: Path) -> None:
    broken = []
    for target in _LINK.findall(_FENCE.sub("", text_of(document))):
        if re.match(r"[a-z]+:", target):
            continue
        place, _, fragment = target.partition("#")
        found = (document.parent / place).resolve() if place else document
        if not found.exists() or (fragment and fragment not in anchors(found)):
            broken.append(target)
    assert broken == []


@cache
def file_names() -> frozenset[str]:
    folders = ("chalicelib", "infra", "local", "cli", "demo", "tests", "bench", "docs")
    return frozenset(path.name for folder in folders for path in (ROOT / folder).rglob("*") if path.is_file())


def is_missing(path: str) -> bool:
    """Looked for from the root and within `chalicelib`; a bare name is a file that the sentence has placed already."""
    if "/" not in path:
        return not (ROOT / path).exists() and path not in file_names()
    return not (ROOT / path).exists() and not (ROOT / "chalicelib" / path).exists()


def files_named_in(document: Path) -> set[str]:
    return {code for code in _CODE.findall(_FENCE.sub("", text_of(document))) if _FILE.fullmatch(code)}


@pytest.mark.parametrize("name", ["CONTRIBUTING.md", "docs/ARCHITECTURE.md"])
def test_every_file_that_guides_name_exists(name: str) -> None:
    named = files_named_in(ROOT / name)
    assert named
    assert [path for path in sorted(named) if is_missing(path)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_no_document_names_source_that_is_not_there(document: Path) -> None:
    """Other documents also name objects of the lake, parts of zips and files of a reader's own."""
    sources = {path for path in files_named_in(document) if _in_a_folder_of_ours(path)}
    assert [path for path in sorted(sources) if is_missing(path)] == []


def _in_a_folder_of_ours(path: str) -> bool:
    first = path.split("/", maxsplit=1)[0]
    return "/" in path and first != "build" and ((ROOT / first).is_dir() or (ROOT / "chalicelib" / first).is_dir())


def models() -> dict[str, type[tables.Table]]:
    found = (item for item in vars(tables).values() if isinstance(item, type) and issubclass(item, tables.Table))
    return {model.Meta.suffix: model for model in found if model is not tables.Table}  # type: ignore[attr-defined]


def section(name: str) -> str:
    """A section of the data model, without its heading."""
    found = re.search(rf"^## {re.escape(name)}$(.*?)(?=^## |\Z)", DATA_MODEL, re.MULTILINE | re.DOTALL)
    assert found, f"docs/data-model.md has no section {name}"
    return found[1]


@pytest.mark.parametrize("suffix", sorted(models()))
def test_every_table_is_described_with_stream_and_term(suffix: str) -> None:
    described = section(suffix)
    assert "TTL" in described
    has_stream = suffix in {"contacts", "invitations", "responses"}
    assert ("Stream NEW_IMAGE" in described) is has_stream
    assert ("Stream: none" in described) is not has_stream


def test_no_table_is_described_that_does_not_exist() -> None:
    with_keys = {
        name for name in re.findall(r"^## (\S+)$", DATA_MODEL, re.MULTILINE) if "| access | by |" in section(name)
    }
    assert with_keys == set(models())


@pytest.mark.parametrize(
    ("suffix", "term"),
    [
        ("capacity", {2: "two"}[capacity_steps._KEEP_DAYS] + " days after"),
        ("appointments", f"{appointment_rows.KEEP.days} days after its end"),
        ("appointments", f"{KEPT_HOURS} hours"),
        ("consents", f"{dynamodb_consents._KEEP.days} days after that event"),
        ("visits", f"{dynamodb_visits._KEEP_DAYS} days after the day"),
        ("invitations", f"{tables.FACTS_KEPT.days} days after the decision"),
        ("links", f"removed {invitation_rows._LINK_KEPT.days} days later"),
        ("links", f"{(RECEIPT_WAIT + dynamodb_receipts._MARGIN).days} days after sending"),
        ("work", f"{LEASE.seconds // 60} minutes"),
        ("work", f"{RECEIPT_WAIT.days * 24} hours after sending"),
    ],
)
def test_terms_are_those_of_the_code(suffix: str, term: str) -> None:
    assert term in " ".join(section(suffix).split())


def test_every_kind_of_pending_work_is_described() -> None:
    assert set(re.findall(r"^\| `(\w+)` \|", section("work"), re.MULTILINE)) == {str(kind) for kind in WorkKind}


def test_the_lakes_tables_are_those_of_the_schemas() -> None:
    listed = section("The lake").split("| unique within a municipality by |")[1]
    rows = re.findall(r"^\| (\w+) \| [^|]+ \| ([\w, ]+) \|$", listed, re.MULTILINE)
    described = {name: tuple(key.split(", ")) for name, key in rows}
    assert described == {name: table.key for name, table in TABLES.items()}


def test_every_alarm_has_its_section_in_the_runbook() -> None:
    resources = alarms_template()["Resources"].values()
    alarms = [item["Properties"] for item in resources if item["Type"] == "AWS::CloudWatch::Alarm"]
    runbook = text_of(DOCS / "runbook.md")
    named = {re.search(r"docs/runbook\.md#([\w-]+)$", alarm["AlarmDescription"])[1] for alarm in alarms}  # type: ignore[index]
    assert named <= anchors(DOCS / "runbook.md")
    for anchor in named:
        urgencies = {alarm["AlarmDescription"].split(":")[0] for alarm in alarms if f"#{anchor}" in str(alarm)}
        said = runbook.split(f'<a id="{anchor}"></a>')[1].split("\n#")[0]
        assert all(f"**{urgency}" in said for urgency in urgencies), anchor


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(path.name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1))
    for number, path in enumerate(DECISIONS, start=1):
        assert text_of(path).startswith(f"# {number}. ")


def test_every_parameter_of_a_stage_is_explained() -> None:
    guide = text_of(DOCS / "deploying.md")
    configured = yaml.safe_load(text_of(ROOT / "infra/stages/test.yaml"))
    assert [name for name in configured if name not in {"Region", "GlueDatabase"} and f"`{name}`" not in guide] == []


def commands(document: Path) -> list[str]:
    """What follows `borgerpuls` in code, up to the end of the line, the comment or the pipe."""
    text = text_of(document)
    inline = [code for code in _CODE.findall(_FENCE.sub("", text)) if re.match(r"(\.venv/bin/)?borgerpuls ", code)]
    blocks = "\n".join(_FENCE.findall(text)).splitlines()
    lines = [line for line in blocks if re.match(r"(\.venv/bin/)?borgerpuls ", line)]
    return [re.split(r"\s+[#|>]", line.partition("borgerpuls ")[2])[0] for line in (*inline, *lines)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_that_are_named_exist(document: Path) -> None:
    for line in commands(document):
        assert_is_command(line)


def test_a_command_that_does_not_exist_is_found() -> None:
    for line in ("forget CODE", "--stage test status --everything", "municipality remove x"):
        with pytest.raises(AssertionError):
            assert_is_command(line)


def assert_is_command(line: str) -> None:
    command: Any = get_command(app)
    words = [word for word in shlex.split(line) if word != "…"]
    while words:
        word = words.pop(0)
        if word.startswith("--"):
            options = {name: item for item in command.params for name in item.opts} | {"--help": None}
            assert word in options, f"borgerpuls {line}"
            takes_value = options[word] is not None and not getattr(options[word], "is_flag", False)
            words = words[1:] if takes_value else words
        elif hasattr(command, "commands"):
            assert word in command.commands, f"borgerpuls {line}"
            command = command.commands[word]
