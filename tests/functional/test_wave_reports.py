"""Imported surveys: from the operator's file to page, file and JSON; a wrong row stores nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chalice.test import Client, HTTPResponse
from typer.testing import CliRunner

from chalicelib import bootstrap
from cli.main import app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

SAMPLE = Path(__file__).resolve().parents[2] / "demo" / "published_changes_sample.csv"
FIELD = ("--first", "2022-09-12", "--last", "2022-10-10")
PAIR = (*FIELD, "--id", "2022", "--before", "2019,2019-09-12,2019-10-10", "--collected", "På stedet og i telefonen.")


@pytest.fixture
def get(embedded: Embedded, staff_token: Callable[[str, str], str], tenant: Municipality) -> Iterator[Any]:
    import app as product

    with Client(product.app) as client:

        def fetch(path: str, role: str = "leader") -> HTTPResponse:
            headers = {"Authorization": f"Bearer {staff_token(role, tenant.id)}"}
            return client.http.get(path.replace("M", tenant.id, 1), headers=headers)

        yield fetch


def imported(tenant: Municipality, file: Path, *options: str) -> Any:
    return CliRunner().invoke(app, ["import-wave", str(file), "--municipality", tenant.id, *options])


@pytest.mark.requirement("SK-33", "GL-47", "GL-02", "GL-11", "GL-20")
def test_two_waves_of_one_file_become_a_page_a_file_and_cells(tenant: Municipality, get: Any) -> None:
    result = imported(tenant, SAMPLE, *PAIR)
    assert result.exit_code == 0, result.output
    assert f"{tenant.id}: wave 2019, 2019-09-12 to 2019-10-10, 12 figures" in result.output
    page = get("/M/reports/waves?lang=en").body.decode()
    for words in (
        "53% → 67%*",
        "82% → 62%*",
        "76% → 56%<",
        "n = 106 → 86",
        "På stedet og i telefonen.",
        "12 September",
    ):
        assert words in page, words
    alone = get("/M/reports/waves?lang=en&compare=none").body.decode()
    assert "→" not in alone.split("<main", 1)[1]
    cells = json.loads(get("/api/v1/municipalities/M/reports/waves").body)
    assert (cells["period"], cells["compare"], len(cells["cells"])) == ("2022", "2019", 12)
    stars = {cell["value"] for cell in cells["cells"] if cell["significant"]}
    published = {"e-mail", "physical letter", "personal meeting", "Jobcentret"}
    assert stars == {*published, "Borgerservice | self-service", "Teknik & Miljø | phone"}
    file = get("/M/reports/waves.csv?lang=en")
    assert file.headers["Content-Type"].startswith("text/csv")
    assert len(file.body.decode().splitlines()) == 13
    assert get("/M/reports/waves", role="desk").status_code == 403


def test_without_waves_the_page_says_how_to_load_them(tenant: Municipality, get: Any) -> None:
    page = get("/M/reports/waves?lang=en").body.decode()
    assert "borgerpuls import-wave" in page
    assert json.loads(get("/api/v1/municipalities/M/reports/waves").body)["cells"] == []
    assert len(get("/M/reports/waves.csv").body.decode().splitlines()) == 1


def test_questions_are_called_what_the_file_calls_them(tenant: Municipality, get: Any, tmp_path: Path) -> None:
    file = tmp_path / "wave.csv"
    file.write_text(
        "question_id,segment,count,n,label_da,label_en\nsat,all,60,80,Tilfredse,Satisfied\n", encoding="utf-8"
    )
    assert imported(tenant, file, *FIELD, "--id", "w").exit_code == 0
    assert "Satisfied" in get("/M/reports/waves?lang=en").body.decode()
    assert "Tilfredse" in get("/M/reports/waves?lang=da").body.decode()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("sat,all,90,80", "line 3"),
        ("sat,all,x,80", "line 3"),
        ("sat,,9,80", "line 3"),
        ("one,all,5,9", "line 3"),
    ],
)
def test_a_wrong_row_is_named_by_its_line_and_nothing_is_stored(
    tenant: Municipality, tmp_path: Path, row: str, reason: str
) -> None:
    file = tmp_path / "wave.csv"
    file.write_text(f"question_id,segment,count,n\none,all,5,9\n{row}\n", encoding="utf-8")
    result = imported(tenant, file, *FIELD, "--id", "w")
    assert result.exit_code != 0
    assert reason in f"{result.output}{result.exception}"
    assert bootstrap.waves().all(tenant.id) == []


@pytest.mark.parametrize(
    "options",
    [
        ("--id", "No spaces", *FIELD),
        ("--id", "w", "--first", "2022-10-10", "--last", "2022-09-12"),
        ("--id", "w", "--first", "soon", "--last", "2022-09-12"),
    ],
)
def test_a_wave_has_an_id_and_days_in_order(tenant: Municipality, tmp_path: Path, options: tuple[str, ...]) -> None:
    file = tmp_path / "wave.csv"
    file.write_text("question_id,segment,count,n\none,all,5,9\n", encoding="utf-8")
    assert imported(tenant, file, *options).exit_code != 0
    assert imported(tenant, SAMPLE, *FIELD, "--id", "w").exit_code != 0  # two waves, and nothing said of the first
    assert bootstrap.waves().all(tenant.id) == []
