"""The register over HTTP: who may what, a finding carried over, two who write at once, what citizens are told."""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import replace
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import bootstrap
from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.entrypoints.actions.telling import told, with_actions
from chalicelib.settings import settings
from tests.browsing import hidden, links, text, words
from tests.builders import FixedClock
from tests.fakes.reporting import counts, groups
from tests.fakes.surveys import COMPLETE
from tests.functional.test_survey_routes import Citizen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality
    from tests.embedded import Embedded

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEXTS = {"said_da": "Brevene er svære", "did_da": "De er skrevet om", "said_en": "Hard", "did_en": "Rewritten"}
WRITTEN = {"title": "Klare breve", "recommendation": "Skriv brevene om.", "channel": "in_person"}
BEGUN = {**WRITTEN, "work": "Skriv dem om.", "owner": "Leder af Borgerservice", "status": "in_progress"}


class Town:
    """A municipality's staff at their pages, on 23 November 2026."""

    def __init__(self, client: Client, town: str, token: Callable[[str, str], str]) -> None:
        self.client, self.id, self._token = client, town, token

    def get(self, path: str, role: str | None = "leader", of: str | None = None) -> HTTPResponse:
        return self.client.http.get(self._path(path), headers=self._headers(role, of))

    def post(self, path: str, fields: dict[str, str], role: str = "leader", of: str | None = None) -> HTTPResponse:
        headers = {**FORM, **self._headers(role, of)}
        return self.client.http.post(self._path(path), headers=headers, body=urlencode(fields).encode())

    def json(self, path: str = "", body: Any = None, role: str = "leader") -> tuple[int, Any]:
        headers = {"Content-Type": "application/json", **self._headers(role, None), "Idempotency-Key": "k"}
        there = f"/api/v1/municipalities/{self.id}/actions{path}"
        http = self.client.http
        answer = (
            http.get(there, headers=headers) if body is None else http.post(there, headers=headers, body=_sent(body))
        )
        return answer.status_code, json.loads(answer.body)

    def create(self, **fields: str) -> str:
        """Its address."""
        answer = self.post("/M/actions", {**WRITTEN, **fields})
        assert answer.status_code == 303, words(answer)
        return str(answer.headers["Location"].partition("?")[0])

    def _path(self, path: str) -> str:
        return path.replace("/M/", f"/{self.id}/", 1)

    def _headers(self, role: str | None, of: str | None) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token(role, of or self.id)}"} if role else {}


def _sent(body: Any) -> bytes:
    return json.dumps(body).encode()


@pytest.fixture
def town(embedded: Embedded, staff_token: Callable[[str, str], str], tenant: Municipality) -> Iterator[Town]:
    import app

    for period, good in (("2025-10", 60), ("2026-08", 60), ("2026-09", 62), ("2026-10", 88)):
        made = counts(groups=groups(raadhuset=(good, 100 - good), oen=(3, 0), by=(40, 12)), period=period)
        since = f"{period}-28T02:22:00Z"
        body = gzip.compress(
            json.dumps(replace(made, municipality=tenant.id, generated_at=since).to_document()).encode()
        )
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(tenant.id, period), Body=body)
    before = bootstrap.clock()
    bootstrap.use_clock(FixedClock())
    with Client(app.app) as client:
        yield Town(client, tenant.id, staff_token)
    bootstrap.use_clock(before)


def permalink(town: Town, period: str = "2025-10", value: str = "raadhuset") -> str:
    page = text(town.get(f"/M/reports/groups?period={period}&by=office&compare=none"))
    found = [each for each in re.findall(r'href="([^"]*reports/finding[^"]*)"', page) if f"value={value}" in each]
    return unescape(found[0])


@pytest.mark.requirement("SK-18", "GL-74", "GL-75", "GE-22")
def test_a_finding_becomes_an_action_and_its_follow_up_says_what_came_of_it(town: Town):
    figure = town.get(permalink(town))
    [new] = [each for each in links(figure) if "/actions/new" in each]
    page = town.get(new)
    assert "Tilfredshed, " in words(page)
    assert "oktober 2025" in words(page)
    carried = hidden(page)
    fields = {**BEGUN, "started": "2025-12-01", "follow_up_months": "10", "kept": carried["kept"]}
    first = town.post("/M/actions", {**fields, "request": carried["request"]})
    again = town.post("/M/actions", {**fields, "request": carried["request"]})
    assert first.headers["Location"] == again.headers["Location"]
    there = first.headers["Location"].partition("?")[0]
    said = words(town.get(there))
    assert "60 % (n = 100) i oktober 2025" in said
    assert "88 % (n = 100) i oktober 2026 mod 60 % (n = 100) i oktober 2025: en statistisk sikker forbedring" in said
    assert "28,0 procentpoint" in said
    assert "Tosidet z-test" in said
    for path in ("/M/actions", "/M/reports"):
        assert "1 opfølgning venter" in words(town.get(path))
    done = town.post(f"{there}/follow-up", {"version": "1", "conclusion": "Det hjalp."})
    assert done.status_code == 303
    said = words(town.get(there))
    assert "Det hjalp." in said
    assert "statistisk sikker forbedring" in said
    assert "Ingen opfølgninger venter" in words(town.get("/M/actions"))
    assert "improvement of 28.0" in words(town.get(f"{there}?lang=en"))


@pytest.mark.requirement("GL-50", "GE-28")
def test_a_change_that_may_be_chance_is_called_nothing_else(town: Town):
    fields = {**BEGUN, "finding": permalink(town, "2026-08"), "started": "2026-09-01", "follow_up_months": "1"}
    later = {**fields, "started": "2026-09-01"}
    october = words(town.get(town.create(**later)))
    assert "statistisk sikker forbedring" in october
    early = {**fields, "started": "2026-09-01", "follow_up_months": "1", "finding": permalink(town, "2025-10")}
    early |= {"started": "2026-08-05"}
    said = words(town.get(town.create(**early)))
    assert "62 % (n = 100) i september 2026 mod 60 % (n = 100) i oktober 2025. Forskellen kan være tilfældig" in said
    assert "De to perioder ligger på hver sin tid af året." in said
    assert "sikker forbedring" not in said


@pytest.mark.requirement("FR-15")
def test_a_limit_that_was_set_in_advance_shows_whether_it_holds(town: Town):
    limit = {"guard_question": "satisfaction", "guard_measure": "share", "guard_group": "all:all"}
    page = town.create(**limit, guard_limit="70", started="2026-11-24")
    assert "mindst 70 % tilfredse: Kan ikke afgøres" in words(town.get(page))
    refused = town.post("/M/actions", {**BEGUN, **limit, "guard_limit": "70", "started": "2026-09-01"})
    assert refused.status_code == 422
    assert "før ændringen begynder" in words(refused)
    clock = bootstrap.clock()
    for now, percent, held in (
        ("2026-08-31", "70", "Holdt"),
        ("2026-08-31", "95", "Brudt"),
        ("2026-08-31", "83", "Kan ikke"),
    ):
        bootstrap.use_clock(FixedClock(FixedClock().now().fromisoformat(f"{now}T09:00:00+00:00")))
        made = town.create(**limit, guard_limit=percent, started="2026-09-01")
        bootstrap.use_clock(clock)
        assert held in words(town.get(made)), percent


def test_a_hidden_figure_is_refused_and_nothing_typed_is_lost(town: Town):
    address = permalink(town).replace("value=raadhuset", "value=oen")
    for finding in (address, "https://example.org/", "http://[", address.replace("2025-10", "0000-01")):
        refused = town.post("/M/actions", {**WRITTEN, "finding": finding, "found": "Set i hallen."})
        assert refused.status_code == 422
        assert "ikke adressen på et tal" in words(refused)
        assert "Set i hallen." in text(refused)
        assert finding in text(refused)
    assert "Opret handling" not in words(town.get(address))


def test_of_two_leaders_nobody_loses_a_word(town: Town):
    there = town.create()
    mine, theirs = (hidden(town.get(f"{there}/edit")) for _ in range(2))
    town.post(f"{there}/edit", {**WRITTEN, **theirs, "title": "Deres", "owner": "Centerchef"})
    refused = town.post(f"{there}/edit", {**WRITTEN, **mine, "title": "Min", "work": "Mit arbejde"})
    assert refused.status_code == 409
    said = text(refused)
    assert "En anden har gemt imens" in said
    assert all(each in said for each in ('value="Min"', "Mit arbejde", 'value="Centerchef"', "“Deres”"))
    again = {**WRITTEN, **hidden(refused), "title": "Min", "work": "Mit arbejde", "owner": "Centerchef"}
    assert town.post(f"{there}/edit", again).status_code == 303
    final = words(town.get(there))
    assert all(each in final for each in ("Min", "Mit arbejde", "Centerchef", "3 ændringer"))


def test_a_conclusion_that_came_too_late_stays_in_its_field(town: Town):
    there = town.create(**BEGUN, finding=permalink(town), started="2025-12-01", follow_up_months="10")
    assert town.post(f"{there}/edit", {**WRITTEN, **BEGUN, "version": "1"}).status_code == 422
    for path, typed in (("follow-up", {"conclusion": "Det hjalp os."}), ("public", TEXTS)):
        late = town.post(f"{there}/{path}", {"version": "7", **typed})
        assert late.status_code == 409
        assert next(iter(typed.values())) in text(late)
        assert "En anden har gemt imens" in words(late)


@pytest.mark.requirement("GE-19", "GL-79", "GL-78")
def test_an_analyst_reads_and_comments_and_changes_nothing(town: Town):
    there = town.create()
    page = town.get(there, role="analyst")
    assert "Ret" not in [each.strip() for each in re.findall(r">([^<]*)</a>", text(page))]
    note = {"kind": "interpretation", "text": "Dette kan tolkes som travlhed.", "function": "Borgerrådgiver"}
    sent = {**note, **hidden(page), "day": "2026-11-20"}
    for _ in range(2):
        assert town.post(f"{there}/notes", sent, role="analyst").status_code == 303
    said = words(town.get(there))
    assert said.count("Dette kan tolkes som travlhed.") == 1
    assert said.index("Fortolkninger og kommentarer") < said.index("travlhed") < said.index("Historik")
    assert "Borgerrådgiver" in said
    [removal] = set(re.findall(r'name="remove" value="(\w+)"', text(town.get(there))))
    for path, fields in (
        ("", WRITTEN),
        (f"{there}/edit", WRITTEN),
        (f"{there}/notes", {"remove": removal}),
        (f"{there}/follow-up", {"conclusion": "x"}),
        (f"{there}/public", TEXTS),
    ):
        assert town.post(path or "/M/actions", fields, role="analyst").status_code == 403, path
    assert town.get("/M/actions/new", role="analyst").status_code == 403
    refused = town.post(
        f"{there}/notes", {**sent, "text": "Ring 20 12 34 56", "request": "b", "people": "x"}, role="analyst"
    )
    assert refused.status_code == 422
    assert "Ring 20 12 34 56" in text(refused)
    town.post(f"{there}/notes", {"remove": removal})
    assert "travlhed" not in text(town.get(there))


def test_what_should_never_have_been_written_can_be_forgotten(town: Town):
    there = town.create(**BEGUN, finding=permalink(town), started="2025-12-01", follow_up_months="10")
    town.post(f"{there}/follow-up", {"version": "1", "conclusion": "Fru Hansen er glad."})
    page = town.get(there)
    assert "Fru Hansen er glad." in words(page)
    assert town.post(f"{there}/follow-up", {"version": "2", "take_back": "0"}, role="analyst").status_code == 403
    assert town.post(f"{there}/follow-up", {"version": "2", "take_back": "x"}).status_code == 404
    assert town.post(f"{there}/follow-up", {"version": "2", "take_back": "0"}).status_code == 303
    assert town.post(f"{there}/notes", {"forget": "texts"}, role="analyst").status_code == 403
    assert "Fru Hansen" in words(town.get(there))
    assert town.post(f"{there}/notes", {"forget": "texts"}).status_code == 303
    said = words(town.get(there))
    assert "Fru Hansen" not in said
    assert "Konklusion på opfølgning: teksten er fjernet" in said
    assert "1 opfølgning venter" in words(town.get("/M/actions"))


@pytest.mark.parametrize("path", ["/M/actions", "/M/actions/new", "/M/actions/1234567812345678"])
def test_the_register_is_not_for_others(town: Town, path: str):
    assert town.get(path, of="elsewhere").status_code == 404
    assert town.get(path, role="desk").status_code == 403
    assert town.get(path, role=None).status_code == 303
    assert town.post("/M/actions", WRITTEN, of="elsewhere").status_code == 404
    assert town.get("/M/actions/1234567812345678").status_code == 404


@pytest.mark.requirement("GL-75", "GL-76", "GE-16")
def test_the_report_recommends_by_channel_and_department_with_the_figures(town: Town):
    town.create(finding=permalink(town))
    town.create(title="Fasthold tiden", channel="", status="maintain", owner="Centerchef")
    town.create(title="Opgivet", status="dropped")
    said = words(town.get("/M/reports/print?period=2026-10"))
    part = said[said.index("Anbefalinger og handlinger") :]
    assert part.index("Hele kommunen") < part.index("Fasthold tiden (Fasthold, Centerchef)") < part.index("Klare breve")
    assert "Bygger på: Tilfredshed, Rådhuset: 60 % (n = 100), oktober 2025." in part
    assert "Opgivet" not in part
    assert "Viser 1 af 3." in words(town.get("/M/actions?status=maintain"))
    assert "Ingen handlinger passer" in words(town.get("/M/actions?channel=phone"))


@pytest.mark.requirement("GE-28")
def test_a_start_stands_among_the_weeks_if_leaders_say_so(town: Town):
    known = bootstrap.municipalities().get(town.id)
    town.create(**BEGUN, started="2026-10-07")
    assert with_actions(known).events == known.events
    town.create(**BEGUN, started="2026-10-14", on_trend="yes")
    [event] = with_actions(known).events
    assert (event.day.isoformat(), event.name) == ("2026-10-14", {"da": "Klare breve"})


def test_citizens_read_what_came_of_their_answers(town: Town, tenant: Municipality):
    citizen = Citizen(town.client, tenant)
    citizen.api("POST", "/finish", {"answers": COMPLETE})
    assert "Du sagde, vi gjorde" not in text(citizen.look())
    assert told(town.id, "da") == []
    there = town.create(**BEGUN, started="2026-10-14")
    refused = town.post(f"{there}/public", {"version": "1", **TEXTS, "did_en": ""})
    assert refused.status_code == 422
    assert "Brevene er svære" in text(refused)
    assert town.post(f"{there}/public", {"version": "1", **TEXTS}).status_code == 303
    [danish], [polish] = told(town.id, "da"), told(town.id, "pl")
    assert (danish.said, danish.did, danish.language) == ("Brevene er svære", "De er skrevet om", "da")
    assert (polish.said, polish.language) == ("Hard", "en")
    assert "Du sagde, vi gjorde I sagde: Brevene er svære Vi gjorde: De er skrevet om" in words(citizen.look())
    assert "You said, we did" in words(citizen.look("?lang=en"))
    town.post(f"{there}/public", {"version": "2", "withdraw": "yes"})
    assert told(town.id, "da") == []


def test_the_api_says_the_same_as_the_pages(town: Town):
    finding = permalink(town)
    body = {**BEGUN, "finding": finding, "started": "2025-12-01", "follow_up_months": 10, "on_trend": True}
    status, made = town.json(body=body)
    assert (status, made["title"], made["on_trend"], made["decided"]) == (201, "Klare breve", True, "2026-11-23")
    assert town.json(body=body)[1]["id"] == made["id"]
    assert made["finding"]["cell"]["count"] == 60
    assert made["follow_up"] == {"from": "2026-11-01", "state": "due"}
    assert (made["result"]["outcome"], made["result"]["cell"]["significant"]) == ("better", True)
    assert town.json(f"/{made['id']}", role="analyst") == (200, made)
    assert town.json(role="analyst") == (200, {"actions": [made]})
    assert town.json("?channel=phone") == (200, {"actions": []})
    assert town.json(body=body, role="analyst")[0] == 403
    wrong = {"title": [], "recommendation": "x", "started": "9999-12-31", "follow_up_months": 10**40}
    assert town.json(body={**wrong})[1]["fields"].keys() == {"title"}
    assert town.json(body={**wrong, "title": "x"})[1]["fields"].keys() == {"follow_up_months"}
    late = town.json(body={**wrong, "title": "x", "follow_up_months": 36})
    assert (late[0], late[1]["fields"]) == (422, {"started": "within ten years"})
