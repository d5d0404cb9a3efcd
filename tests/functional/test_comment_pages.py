"""The pages about comments: who sees which, what a press does, and what never stands on any of them."""

from __future__ import annotations

import gzip
import html
import json
import re
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client, HTTPResponse

from chalicelib import bootstrap
from chalicelib.adapters.comments.dynamodb_marks import DynamoDbMarks
from chalicelib.adapters.lake.lake_facts import DynamoDbFacts
from chalicelib.adapters.lake.s3_report_cells import cells_key
from chalicelib.adapters.surveys.dynamodb_responses import DynamoDbResponses
from chalicelib.comments.model import Change, Mark, Use
from chalicelib.lake.landing import response_objects
from chalicelib.settings import settings
from chalicelib.shared.hashing import comment_key
from chalicelib.shared.work import WorkKind
from chalicelib.surveys.comment_use import CommentUse
from chalicelib.surveys.nominations import nominee_key
from demo.comment_work import work_on_comments
from tests.builders import ALL_CONSENTS, MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality
from tests.fakes.comments import a_comment
from tests.fakes.reporting import FRIENDLINESS, SATISFACTION, counts, groups
from tests.fakes.surveys import a_response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality
    from chalicelib.reporting.model import Comment, PeriodCounts
    from tests.embedded import Embedded

OCTOBER = "2026-10"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CONTACT = "01JDC0NTACT000000000000777"


@pytest.fixture
def town(tenant: Municipality) -> Municipality:
    """It asks whether comments may be quoted."""
    return store_municipality(a_municipality_document(id=tenant.id, consent_texts=ALL_CONSENTS))


@pytest.fixture
def clock(embedded: Embedded) -> Iterator[FixedClock]:
    moving, before = FixedClock(MONDAY), bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


class Pages:
    """Looks and presses as somebody with a role."""

    def __init__(self, client: Client, token: Callable[[str, str], str], municipality: str) -> None:
        self._client, self._token, self.municipality = client, token, municipality

    def get(self, path: str, role: str | None = "leader", of: str | None = None) -> HTTPResponse:
        return self._client.http.get(f"/{self.municipality}{path}", headers=self._cookie(role, of))

    def post(
        self, path: str, fields: dict[str, str], role: str | None = "leader", of: str | None = None
    ) -> HTTPResponse:
        headers = {**FORM, **self._cookie(role, of)}
        return self._client.http.post(f"/{self.municipality}{path}", headers=headers, body=urlencode(fields).encode())

    def press(self, comment: Comment, press: str, *, query: str = "", **fields: str) -> HTTPResponse:
        return self.post(f"/comments{query}", {"comment": comment.id, "period": OCTOBER, "press": press, **fields})

    def text(self, path: str, role: str | None = "leader") -> str:
        return read(self.get(path, role))

    def _cookie(self, role: str | None, of: str | None) -> dict[str, str]:
        return {"Cookie": f"session={self._token(role, of or self.municipality)}"} if role else {}


@pytest.fixture
def pages(town: Municipality, clock: FixedClock, staff_token: Callable[[str, str], str]) -> Iterator[Pages]:
    from app import app

    with Client(app) as client:
        yield Pages(client, staff_token, town.id)


@pytest.fixture
def store(embedded: Embedded, town: Municipality) -> Callable[..., PeriodCounts]:
    """Stores a month with these comments; the island has too few answers to be read."""

    def put(*comments: Comment, period: str = OCTOBER) -> PeriodCounts:
        found = groups(raadhuset=(84, 16), oen=(2, 1), by=(40, 12))
        friendly = [replace(each, question=FRIENDLINESS.id) for each in found]
        made = replace(
            counts(groups=(*found, *friendly, replace(found[0], dimension="language", value="da")), period=period),
            questions=(SATISFACTION, FRIENDLINESS),
            municipality=town.id,
            comments=comments,
        )
        body = gzip.compress(json.dumps(made.to_document()).encode())
        embedded.client("s3").put_object(Bucket=settings().lake_bucket, Key=cells_key(town.id, period), Body=body)
        return made

    return put


def read(response: HTTPResponse) -> str:
    assert response.status_code == 200, response.body
    return html.unescape(response.body.decode())


def card(text: str, comment: Comment) -> str:
    found = re.search(rf'<article[^>]*id="c-{re.escape(comment.id)}".*?</article>', text, re.DOTALL)
    assert found, "no such card"
    return found[0]


ONE, TWO = a_comment(1), a_comment(2, score="2", reason="", may_be_quoted=False)


@pytest.mark.requirement("SK-21")
def test_a_leader_sorts_comments_with_forms_alone(pages: Pages, store: Any) -> None:
    store(ONE, TWO)
    view = f"?period={OCTOBER}&status=new&score=low"
    assert card(pages.text(f"/comments{view}"), TWO)
    done = pages.press(TWO, "urgent-yes", query=view)
    assert done.status_code == 303
    assert done.headers["Location"].endswith(f"/comments?period={OCTOBER}&status=new&score=low#c-{TWO.id}")
    pages.press(
        TWO, "details", seen="1", theme="waiting", department="citizen-service", note="Tag det op", answer="Beklager."
    )
    mine = card(pages.text(f"/comments?period={OCTOBER}&theme=waiting"), TWO)
    for words in ("Haster", "Ventetid", "Tag det op", "Vores svar:</strong> Beklager.", "2 af 10", 'value="urgent-no"'):
        assert words in mine, words
    pages.press(TWO, "status-closed")
    assert "1 af 2 kommentarer" in pages.text(f"/comments?period={OCTOBER}&status=closed")
    assert "1 af 2 kommentarer" in pages.text(f"/comments?period={OCTOBER}&picked=urgent")
    assert "Ingen kommentarer passer" in pages.text(f"/comments?period={OCTOBER}&theme=place")


def test_what_can_not_be_kept_is_said_on_the_card_with_what_was_typed(pages: Pages, store: Any) -> None:
    store(ONE, TWO)
    typed = {"theme": "waiting", "department": "", "note": "Ring 20304050", "answer": "Vi ser på det"}
    refused = pages.press(ONE, "details", seen="0", **typed)
    assert refused.status_code == 422
    mine = card(html.unescape(refused.body.decode()), ONE)
    assert "Noten er for lang" in mine
    assert all(words in mine for words in ("Ring 20304050", "Vi ser på det"))
    pages.press(ONE, "urgent-yes")
    outrun = pages.press(ONE, "details", seen="0", **{**typed, "note": ""})
    assert outrun.status_code == 409
    assert "En kollega har ændret" in outrun.body.decode()
    unwilling = pages.press(TWO, "show-quote")
    assert (unwilling.status_code, "har ikke sagt ja" in unwilling.body.decode()) == (422, True)
    assert pages.press(ONE, "status-lost").status_code == 422
    assert pages.press(a_comment(9), "urgent-yes").status_code == 404


def test_a_comment_from_before_there_were_marks_is_read_only(pages: Pages, store: Any) -> None:
    store(replace(ONE, id="", score_wording=""))
    text = pages.text(f"/comments?period={OCTOBER}")
    assert "fra før, der kunne sættes mærker" in text
    assert "Karakter 10" in text
    assert "data-press" not in text


def test_many_comments_have_pages(pages: Pages, store: Any) -> None:
    many = [a_comment(number, text=f"Kommentar {number:03d}") for number in range(60)]
    store(*many)
    text = pages.text(f"/comments?period={OCTOBER}&page=3")
    assert (text.count("data-card"), "Side 3 af 3" in text) == (10, True)
    assert pages.text(f"/comments?period={OCTOBER}&page=99").count("data-card") == 10
    assert pages.text(f"/comments?period={OCTOBER}&page=x").count("data-card") == 25


PAGES = {
    "/comments": {"leader", "analyst", "admin"},
    "/praise": {"desk", "leader", "analyst", "admin"},
    "/wall": {"display", "kiosk", "desk", "leader", "admin"},
    "/wall/part": {"display", "kiosk", "desk", "leader", "admin"},
}
ROLES = ("display", "kiosk", "desk", "interviewer", "leader", "analyst", "admin", "system")


@pytest.mark.requirement("SK-20")
def test_each_role_has_its_own_view(pages: Pages, store: Any) -> None:
    store(ONE)
    for path, allowed in PAGES.items():
        for role in ROLES:
            assert pages.get(path, role).status_code == (200 if role in allowed else 403), (path, role)
        assert pages.get(path, None).status_code == 303, path
        assert pages.get(path, "leader", of="elsewhere").status_code == 404, path
    assert pages.get("/quotes", None).status_code == 200, "everybody's"
    press = {"comment": ONE.id, "period": OCTOBER, "press": "urgent-yes"}
    for role in ROLES:
        expected = 303 if role in {"leader", "admin"} else 403
        assert pages.post("/comments", press, role).status_code == expected, role
    assert pages.post("/comments", press, of="elsewhere").status_code == 404
    read_only = pages.text(f"/comments?period={OCTOBER}", "analyst")
    assert "Haster" in read_only
    assert "data-press" not in read_only


@pytest.mark.requirement("SK-19", "SK-20", "BF-24")
def test_the_team_sees_praise_and_shared_solutions_without_scores(pages: Pages, store: Any) -> None:
    store(a_comment(1, text="Dejlig betjening"), a_comment(2, text="Ventede længe", score="1", may_be_quoted=False))
    praised, shared = (a_comment(1), a_comment(2))
    assert "Ingen ros er valgt ud endnu" in pages.text("/praise", "desk")
    pages.press(praised, "show-praise")
    pages.press(shared, "details", seen="0", theme="", department="", note="Hemmelig", answer="Vi åbnede en skranke.")
    pages.press(shared, "show-shared")
    page = pages.text("/praise", "desk")
    assert "Dejlig betjening" in page
    assert "Vi åbnede en skranke." in page
    for never in ("Ventede længe", "Hemmelig", "af 10 ·", SATISFACTION.short["da"], praised.id):
        assert never not in page, never
    figures = page[page.index("Sådan blev borgerne mødt") :]
    assert FRIENDLINESS.short["da"] in figures
    assert "84 af 100" in figures
    assert "ikke vist (for få)" in figures, "the island's few are hidden here too"


@pytest.mark.requirement("SK-26")
def test_quotes_are_public_without_anything_beside_them(pages: Pages, store: Any) -> None:
    store(ONE, TWO)
    assert "Her er ingen citater endnu" in pages.text("/quotes", None)
    pages.press(ONE, "show-quote")
    page = pages.text("/quotes", None)
    assert "“Tak for hjælpen 1”" in page
    for never in ("Tak for hjælpen 2", "uge ", "af 10", ONE.id):
        assert never not in page, never
    printed = pages.get(f"/reports/print?period={OCTOBER}&compare=none")
    assert "Tak for hjælpen 1" in read(printed)
    pages.press(ONE, "hide-quote")
    assert "Tak for hjælpen" not in pages.text("/quotes", None)


@pytest.mark.requirement("BF-08")
def test_the_wall_is_switched_on_by_a_leader_and_off_by_anybody_before_it(pages: Pages, store: Any) -> None:
    store(ONE)
    pages.press(ONE, "show-wall")
    pages.press(ONE, "details", seen="1", theme="", department="", note="Kun os", answer="Selv tak!")
    assert "Væggen er slukket" in pages.text("/wall", "display")
    on = {"press": "on", "seen": "0", "first": "2026-11-23", "last": "2026-11-24"}
    assert pages.post("/wall", on, "desk").status_code == 403
    assert pages.post("/wall", {**on, "last": "i morgen"}).status_code == 422
    assert pages.post("/wall", {**on, "last": "2027-11-24"}).status_code == 422
    assert pages.post("/wall", on).status_code == 303
    for role, path in (("display", "/wall"), ("desk", "/wall/part")):
        screen = pages.text(path, role)
        assert all(words in screen for words in ("Tak for hjælpen 1", "10 af 10", "Selv tak!")), path
        assert "Kun os" not in screen
    assert '<meta http-equiv="refresh"' in pages.text("/wall", "display"), "it goes on without JavaScript"
    assert pages.post("/wall", {"press": "off"}, "display").status_code == 303
    assert "Tak for hjælpen" not in pages.text("/wall/part", "display")
    assert pages.post("/wall", {**on, "seen": "1"}).status_code == 409, "a page of before switches nothing on again"
    assert pages.post("/wall", {"press": "off"}, "analyst").status_code == 403
    assert pages.post("/wall", {"press": "off"}, of="elsewhere").status_code == 404


@pytest.mark.requirement("BF-08", "SK-02")
def test_where_citizens_are_not_asked_the_wall_is_for_signed_in_staff(pages: Pages, store: Any) -> None:
    asked = {"survey_sms": ALL_CONSENTS["survey_sms"]}
    store_municipality(a_municipality_document(id=pages.municipality, consent_texts=asked))
    said = replace(ONE, may_be_quoted=None)
    store(said)
    pages.press(said, "show-wall")
    assert pages.press(said, "show-quote").status_code == 422, "published is only what has a yes"
    pages.post("/wall", {"press": "on", "seen": "0", "first": "2026-11-23", "last": "2026-11-24"})
    assert "Tak for hjælpen 1" in pages.text("/wall", "desk")
    for path in ("/wall", "/wall/part"):
        assert pages.get(path, "display").status_code == 403
    assert pages.post("/wall", {"press": "off"}, "display").status_code == 403


def test_groups_of_few_are_on_no_page_even_if_they_were_picked(pages: Pages, store: Any) -> None:
    few = a_comment(5, office="oen", text="Kun vi to var der")
    store(ONE, few)
    marks = DynamoDbMarks()
    marks.save(pages.municipality, Mark(few.id, uses=frozenset(Use), answer="Et svar", version=1))
    bootstrap.wall().switch_on(bootstrap.municipalities().get(pages.municipality), MONDAY.date(), MONDAY.date(), seen=0)
    for path, role in (("/comments", "leader"), ("/praise", "desk"), ("/quotes", None), ("/wall", "desk")):
        text = pages.text(path, role)
        assert "Kun vi to" not in text, path
        assert "Et svar" not in text, path
    assert pages.press(few, "urgent-yes").status_code == 404


@pytest.fixture
def said(pages: Pages, store: Any) -> Comment:
    """What a citizen wrote, agreed to be quoted with, and a leader has put everywhere."""
    town = bootstrap.municipalities().get(pages.municipality)
    yes = CommentUse(granted=True, text_version="c-1", language="da", origin="web", at=MONDAY)
    response = a_response(
        municipality=town.id,
        contact_id=CONTACT,
        contact_ended_at=MONDAY - timedelta(days=40),
        comments={"comment": "Varm velkomst"},
        comment_use=yes,
        finished_at=MONDAY,
    )
    DynamoDbResponses().save(response, land=True, answer=yes)
    fact = DynamoDbFacts(bootstrap.keys).find(WorkKind.LAND_RESPONSE, town.id, CONTACT)
    assert fact is not None
    (row,) = next(each.rows for each in response_objects(fact) if each.table == "comments")
    assert row["comment_key"] == comment_key(bootstrap.keys(), town.id, CONTACT)
    comment = replace(ONE, text="Varm velkomst", id=f"{OCTOBER}.{row['comment_key']}.{row['question']}")
    store(comment)
    for use in Use:
        pages.press(comment, f"show-{use}")
    bootstrap.wall().switch_on(town, MONDAY.date(), MONDAY.date(), seen=0)
    return comment


SHOWN = (("/praise", "desk"), ("/quotes", None), ("/wall", "display"), ("/wall/part", "desk"))


@pytest.mark.requirement("SK-02", "SK-26")
def test_a_yes_that_is_taken_back_is_off_every_page_at_once(pages: Pages, said: Comment) -> None:
    for path, role in SHOWN:
        assert "Varm velkomst" in pages.text(path, role), path
    bootstrap.comment_uses().withdraw(pages.municipality, CONTACT, origin="web")
    for path, role in SHOWN:
        assert "Varm velkomst" not in pages.text(path, role), path
    assert pages.press(said, "show-quote").status_code == 422, "before the next refresh too"
    assert "må ikke gengives" in card(pages.text(f"/comments?period={OCTOBER}"), said)


def test_no_page_names_a_contact(pages: Pages, said: Comment) -> None:
    for path, role in (*SHOWN, (f"/comments?period={OCTOBER}", "leader")):
        text = pages.text(path, role)
        assert "Varm velkomst" in text
        assert CONTACT not in text
        assert not re.search(r"\+45\d{8}", text)


def test_who_is_erased_takes_the_marks_along(pages: Pages, said: Comment) -> None:
    marks = DynamoDbMarks()
    others = f"{OCTOBER}.{comment_key(bootstrap.keys(), pages.municipality, 'another')}.comment"
    marks.save(pages.municipality, Mark(others, version=1))
    town = bootstrap.municipalities().get(pages.municipality)
    bootstrap.comment_desk().change(town, OCTOBER, said.id, Change(note="Hun kom igen i dag"))
    held = json.dumps(bootstrap.erasure().export(pages.municipality, CONTACT), ensure_ascii=False, default=str)
    assert "Hun kom igen i dag" in held, "and before that they are told"
    bootstrap.erasure().erase(pages.municipality, CONTACT)
    assert set(marks.between(pages.municipality, OCTOBER, OCTOBER)) == {others}
    for path, role in SHOWN:
        assert said.id not in pages.text(path, role)


@pytest.mark.requirement("BF-11", "BF-12", "BF-13")
def test_the_team_votes_and_the_winner_gets_a_diploma(pages: Pages, store: Any) -> None:
    document = a_municipality_document(id=pages.municipality, consent_texts=ALL_CONSENTS, staff_names=["Birthe Kvist"])
    town = store_municipality({**document, "asking": {"nominees": ["Birthe Kvist"]}})
    birthe = nominee_key(bootstrap.keys(), town.id, "Birthe Kvist")
    named = a_comment(1, text="[navn] reddede min dag", nominees=(birthe,))
    team, stranger = a_comment(2, text="I er bare gode"), a_comment(3, text="[navn] ved skranke 2 er en perle")
    store(named, team, stranger)
    for comment in (named, team, stranger):
        pages.press(comment, "show-praise")
    where = {"month": OCTOBER, "team": "raadhuset"}
    assert "en perle" not in pages.text("/vote"), "it names somebody who has not said yes"
    assert pages.post("/vote", {"press": "pick", "comment": stranger.id}).status_code == 404
    for comment in (named, team):
        assert pages.post("/vote", {"press": "pick", "comment": comment.id}, "desk").status_code == 403
        assert pages.post("/vote", {"press": "pick", "comment": comment.id}).status_code == 303
    assert pages.post("/vote", {"press": "vote", "comment": named.id, **where}, "desk").status_code == 409
    assert pages.post("/vote", {"press": "open", **where}).status_code == 303
    assert pages.post("/vote", {"press": "close", **where}).status_code == 422
    assert pages.post("/vote", {"press": "vote", "comment": named.id, **where}, "desk").status_code == 303
    assert "Din stemme er talt" in pages.text("/vote", "desk")
    assert "Din stemme er talt" not in pages.text("/vote", "leader")
    assert pages.get(f"/vote/{OCTOBER}/raadhuset/diploma").status_code == 404, "not before the end"
    assert pages.post("/vote", {"press": "close", **where}).status_code == 303
    diploma = pages.text(f"/vote/{OCTOBER}/raadhuset/diploma", "desk")
    assert all(words in diploma for words in ("Birthe Kvist", "reddede min dag", "oktober 2026"))
    assert pages.post("/vote", {"press": "nothing"}).status_code == 422
    for role in ("display", "analyst", "interviewer"):
        assert pages.get("/vote", role).status_code == 403
    assert pages.get("/vote", None).status_code == 303
    assert pages.get("/vote", of="elsewhere").status_code == 404
    store_municipality({**document, "asking": {}})
    assert pages.get(f"/vote/{OCTOBER}/raadhuset/diploma").status_code == 404, "whoever steps out is on no diploma"


def test_the_demo_shows_all_of_it_and_loading_it_twice_ends_the_same(pages: Pages, store: Any) -> None:
    town = bootstrap.municipalities().get(pages.municipality)
    praise = [a_comment(number, text=f"Venlig betjening {number}") for number in range(1, 6)]
    slow = [a_comment(number, text=f"Jeg ventede længe {number}", score="3") for number in range(6, 10)]
    store(*praise, *slow)
    assert work_on_comments(town, MONDAY) == len(praise) + len(slow)
    seen = [pages.text(path, "leader") for path in ("/comments", "/praise", "/quotes", "/vote")]
    assert "Vi har åbnet en skranke mere" in seen[1]
    assert "Venlig betjening" in seen[2]
    assert "Lad holdet stemme" not in seen[3]
    assert "Ingen ser, hvad du stemmer" in seen[3]
    assert bootstrap.wall().screen(town).shown is not None
    work_on_comments(town, MONDAY)
    again = [pages.text(path, "leader") for path in ("/comments", "/praise", "/quotes", "/vote")]
    assert [_without_versions(page) for page in again] == [_without_versions(page) for page in seen]


def _without_versions(page: str) -> str:
    return re.sub(r'name="seen" value="\d+"', "", page)
