"""The desk and the kiosk as pages, without JavaScript: forms, double presses, errors, languages."""

from __future__ import annotations

import re
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest
from chalice.test import Client

from chalicelib import bootstrap
from chalicelib.adapters.tables import ConsentItem, bound
from chalicelib.booking.model import BookingRequest, ConsentAnswer
from chalicelib.municipalities.model import Meeting
from chalicelib.shared.identifiers import OfficeId
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.model import ConsentFacts, Origin, State
from chalicelib.visits.reception import WalkIn
from tests.builders import MONDAY, FixedClock, a_municipality_document
from tests.embedded import store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from chalicelib.municipalities.model import Municipality

PHONE = "+4520123456"
DESK = "office=raadhuset&desk=1"


@pytest.fixture
def clock(embedded: object) -> Iterator[FixedClock]:
    moving = FixedClock(MONDAY)
    before = bootstrap.clock()
    bootstrap.use_clock(moving)
    yield moving
    bootstrap.use_clock(before)


class Browser:
    """A browser with a session cookie and no JavaScript."""

    def __init__(self, client: Client, municipality: str, tokens: Callable[[str, str], str]) -> None:
        self._client, self._municipality, self._tokens = client, municipality, tokens
        self.role = "desk"
        self.language = "da"

    def _headers(self) -> dict[str, str]:
        return {"Cookie": f"session={self._tokens(self.role, self._municipality)}; language={self.language}"}

    def get(self, path: str) -> Any:
        path = path.removeprefix(f"/{self._municipality}")
        return self._client.http.get(f"/{self._municipality}{path}", headers=self._headers())

    def read(self, path: str) -> str:
        answer = self.get(path)
        assert answer.status_code == 200, answer.body
        return unescape(answer.body.decode())

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Any:
        sent = {
            **self._headers(),
            "Content-Type": "application/x-www-form-urlencoded",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        return self._client.http.post(f"/{self._municipality}{path}", headers=sent, body=urlencode(fields).encode())

    def press(self, action: str, **more: str) -> Any:
        """The form around a button of the desk, as it stands on the page now."""
        page = self.read(f"/desk?{DESK}")
        forms = re.findall(r"<form[^>]*data-press>(.*?)</form>", page, flags=re.DOTALL)
        [chosen] = [form for form in forms if f'value="{action}"' in form][:1]
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', chosen))
        return self.post("/desk", {**fields, "action": action, **more})


@pytest.fixture
def browser(tenant: Municipality, staff_token: Callable[[str, str], str], clock: FixedClock) -> Iterator[Browser]:
    from app import app

    with Client(app) as client:
        yield Browser(client, tenant.id, staff_token)


@pytest.fixture
def remote(tenant: Municipality) -> Municipality:
    """The tenant, where one may also meet by phone or video."""
    document = a_municipality_document(id=tenant.id)
    for reason in document["reasons"]:
        reason["meetings"] = [str(meeting) for meeting in Meeting]
    stored = store_municipality(document)
    bootstrap.municipalities().forget(tenant.id)
    return stored


def arrive(tenant: Municipality, *, reason: str = "passport", language: str = "da") -> str:
    walk_in = WalkIn((reason,), Origin.KIOSK, language, ConsentFacts())
    return bootstrap.visits().walk_in(tenant, "raadhuset", walk_in).visit.id


def book(tenant: Municipality, minutes: int, **more: Any) -> Any:
    from datetime import timedelta

    request = BookingRequest(
        office="raadhuset",
        reasons=("licence",),
        start=MONDAY + timedelta(minutes=minutes),
        language="da",
        consent=ConsentAnswer(granted=True, text_version="2026-1"),
        phone=PhoneNumber(PHONE),
        name="Karen Sørensen",
        **more,
    )
    return bootstrap.booking().book(tenant, request, f"booking-key-{minutes}")


# The desk


def test_a_desk_is_chosen_and_an_unknown_one_is_not_shown(browser: Browser):
    assert "Skranke 2" in browser.read("/desk")
    assert browser.get("/desk?office=raadhuset&desk=99").status_code == 422
    assert browser.get("/desk?office=nowhere&desk=1").status_code == 404


def test_pages_of_staff_lead_to_the_sign_in_and_other_roles_are_refused(browser: Browser, tenant: Municipality):
    answer = browser._client.http.get(f"/{tenant.id}/desk")
    assert answer.status_code == 303
    browser.role = "leader"
    assert browser.get("/desk").status_code == 403


def test_a_citizen_is_called_served_and_finished_by_buttons_alone(browser: Browser, tenant: Municipality):
    visit = arrive(tenant)
    page = browser.read(f"/desk?{DESK}")
    assert "Næste, fordi borgeren har ventet længst" in page
    for action, state in (("call", State.CALLED), ("start", State.IN_SERVICE), ("complete", State.COMPLETED)):
        answer = browser.press(action)
        assert answer.status_code == 303
        assert answer.headers["Location"] == f"/{tenant.id}/desk?office=raadhuset&desk=1"
        assert bootstrap.visits().get(tenant, visit).state is state
    assert "Din skranke er ledig" in browser.read(f"/desk?{DESK}")


def test_a_button_pressed_twice_acts_once_and_says_so(browser: Browser, tenant: Municipality):
    first, second = arrive(tenant), arrive(tenant)
    fields = {"office": "raadhuset", "desk": "1", "action": "call", "request": "1-after-none"}
    for _ in range(2):
        assert browser.post("/desk", fields).status_code == 303
    assert bootstrap.visits().get(tenant, first).state is State.CALLED
    assert bootstrap.visits().get(tenant, second).state is State.WAITING
    start = {"office": "raadhuset", "desk": "1", "action": "start", "visit": first, "seen": "2"}
    browser.post("/desk", start)
    again = browser.post("/desk", start)
    assert again.headers["Location"].endswith("notice=changed")
    assert "allerede ændret" in browser.read(again.headers["Location"])


def test_a_foreign_page_can_not_press_a_button(browser: Browser, tenant: Municipality):
    visit = arrive(tenant)
    fields = {"office": "raadhuset", "desk": "1", "action": "call"}
    assert browser.post("/desk", fields, Origin="https://evil.example").status_code == 403
    assert browser.post("/desk", fields, Origin="null").status_code == 403
    assert browser.post("/desk", fields, Sec_Fetch_Site="cross-site").status_code == 403
    assert bootstrap.visits().get(tenant, visit).state is State.WAITING
    own = browser.post("/desk", fields, Origin="null", Sec_Fetch_Site="same-origin")
    assert own.status_code == 303, "browsers hide the origin of forms on pages without a referrer"


@pytest.mark.requirement("GL-64")
def test_booked_citizens_who_did_not_check_in_are_shown_without_a_name(
    browser: Browser, tenant: Municipality, clock: FixedClock
):
    booked = book(tenant, 20)
    clock.advance(minutes=25)
    page = browser.read(f"/desk?{DESK}")
    assert "Ikke tjekket ind" in page
    assert "kl. 10.20" in page
    assert "Karen" not in page
    assert booked.code not in page
    assert PHONE not in page
    browser.press("check-in")
    assert f"20261123.raadhuset.{booked.id}" in browser.read(f"/desk?{DESK}") or "A001" in browser.read(f"/desk?{DESK}")
    assert "Alle med en tid er tjekket ind" in browser.read(f"/desk?{DESK}")


@pytest.mark.requirement("BF-20")
def test_the_timer_has_no_target_and_the_reason_can_be_corrected(
    browser: Browser, tenant: Municipality, clock: FixedClock
):
    visit = arrive(tenant, language="en")
    browser.press("call")
    browser.press("start")
    clock.advance(minutes=42)
    page = browser.read(f"/desk?{DESK}")
    assert "42 min." in page
    assert "data-target" not in page
    assert "Engelsk" in page
    browser.press("complete", reasons="licence")
    assert bootstrap.visits().get(tenant, visit).reasons == ("licence",)


def test_parked_and_absent_citizens_come_back_by_one_press(browser: Browser, tenant: Municipality):
    visit = arrive(tenant)
    for action, state in (
        ("call", State.CALLED),
        ("park", State.PARKED),
        ("recall", State.CALLED),
        ("no-show", State.NO_SHOW),
        ("undo", State.CALLED),
    ):
        browser.press(action)
        assert bootstrap.visits().get(tenant, visit).state is state


def test_the_live_part_is_the_board_alone(browser: Browser, tenant: Municipality):
    arrive(tenant)
    part = browser.read(f"/desk/board?{DESK}")
    assert "A001" in part
    assert "<html" not in part


def test_the_desk_is_also_there_in_english(browser: Browser, tenant: Municipality):
    arrive(tenant)
    browser.language = "en"
    page = browser.read(f"/desk?{DESK}")
    assert "Next because this citizen has waited longest" in page
    assert "Call next" in page


# What desks do beside the straight way


def at_desk(browser: Browser, tenant: Municipality) -> str:
    visit = arrive(tenant)
    browser.press("call")
    browser.press("start")
    return visit


def test_a_note_is_kept_shown_and_refused_when_it_names_somebody(browser: Browser, tenant: Municipality):
    visit = at_desk(browser, tenant)
    browser.press("note", note="mangler foto")
    page = browser.read(f"/desk?{DESK}")
    assert "mangler foto" in page
    answer = browser.press("note", note="cpr 010190-1234")
    assert answer.headers["Location"].endswith("notice=refused-note")
    assert "010190" not in answer.headers["Location"]
    assert "Noten er ikke gemt" in browser.read(answer.headers["Location"])
    assert bootstrap.visits().get(tenant, visit).note == "mangler foto"


def test_staff_let_somebody_go_first_and_the_page_says_why(browser: Browser, tenant: Municipality):
    arrive(tenant)
    second = arrive(tenant)
    browser.press("priority", reason="frail")
    page = browser.read(f"/desk?{DESK}")
    assert "Næste, fordi personalet gav forrang" in page
    assert "Kan ikke vente længe" in page
    assert bootstrap.visits().get(tenant, second).priority == "frail"
    browser.press("undo")
    assert bootstrap.visits().get(tenant, second).priority is None


def test_a_citizen_without_a_time_gets_one_number_however_often_it_is_pressed(browser: Browser, tenant: Municipality):
    page = browser.read(f"/desk?{DESK}")
    key = re.search(r'name="request" value="(desk-1-0)"', page)
    assert key
    form = {"office": "raadhuset", "desk": "1", "action": "walk-in", "request": key[1], "reasons": "passport"}
    for _ in range(2):
        answer = browser.post("/desk", {**form, "language": "uk", "reason": "child"})
        assert answer.headers["Location"].endswith("notice=walked_in")
    [visit] = bootstrap.visits().queue(tenant, "raadhuset").visits
    assert (visit.language, visit.priority, visit.consent.offered) == ("uk", "child", False)
    assert browser.post("/desk", {**form, "reasons": ""}).headers["Location"].endswith("notice=refused-reasons")


@pytest.mark.requirement("BF-14")
@pytest.mark.requirement("BF-15")
def test_notices_are_put_up_and_taken_down_at_the_desk(browser: Browser, tenant: Municipality):
    outage = {"text_da": "MitID er nede", "text_en": "MitID is down", "level": "warning", "until": "14:30"}
    assert browser.press("notice", kind="outage", minutes_ago="8", **outage).headers["Location"].endswith("posted")
    page = browser.read(f"/desk?{DESK}")
    assert "8 min. efter hændelsen" in page
    assert "til kl. 14.30" in page
    assert "MitID er nede" in browser.read("")
    browser.press("notice-end")
    assert "MitID er nede" not in browser.read(f"/desk?{DESK}")
    for wrong, notice in (({"text_en": ""}, "refused-text"), ({"until": "08:00"}, "refused-times")):
        answer = browser.press("notice", kind="outage", **{**outage, **wrong})
        assert answer.headers["Location"].endswith(notice)
    browser.press("notice", kind="change", text_da="Ny blanket")
    assert "Ny blanket" in browser.read(f"/desk?{DESK}")
    assert "Ny blanket" not in browser.read("")


def test_a_call_for_help_stands_on_every_desk_until_somebody_comes(browser: Browser):
    browser.press("alarm")
    other = browser.read("/desk?office=raadhuset&desk=2")
    assert "Skranke 1 har brug for hjælp nu" in other
    browser.press("alarm-answer")
    assert "Skranke 1 er på vej til skranke 1" in browser.read("/desk/board?office=raadhuset&desk=2")


@pytest.mark.requirement("GL-77")
def test_a_question_at_the_door_is_one_press_and_can_be_taken_back(browser: Browser, tenant: Municipality):
    browser.press("door")
    browser.press("door")
    assert "Pas · 2" in browser.read(f"/desk?{DESK}")
    browser.press("door-undo")
    browser.press("door")
    assert "Pas · 2" in browser.read(f"/desk?{DESK}")


def test_the_days_list_and_figures_name_nobody(browser: Browser, tenant: Municipality, clock: FixedClock):
    booked = book(tenant, 60)
    at_desk(browser, tenant)
    clock.advance(minutes=12)
    browser.press("complete")
    page = browser.read("/desk/day?office=raadhuset")
    assert "Kommer senere" in page
    assert "Betjent" in page
    assert booked.code not in page
    assert "Karen" not in page
    browser.role = "leader"
    assert "Dagens liste" in browser.read("/desk/day")
    browser.role = "kiosk"
    assert browser.get("/desk/day").status_code == 403


@pytest.mark.parametrize(
    ("meeting", "wanted"), [("phone", "Ring til <bdi>+4520"), ("video", "Send linket til <bdi>karen@")]
)
def test_who_does_not_come_is_reached_as_it_was_booked(
    browser: Browser, remote: Municipality, clock: FixedClock, meeting: str, wanted: str
):
    book(remote, 60, meeting=Meeting(meeting), email="karen@example.dk")
    assert wanted in browser.read("/desk/day?office=raadhuset")
    clock.advance(minutes=61)
    assert wanted in browser.read(f"/desk?{DESK}")
    browser.press("check-in")
    browser.press("call")
    page = browser.read(f"/desk?{DESK}")
    assert (wanted in page) == (meeting == "phone"), "the video's link is sent before"
    browser.press("start")
    browser.press("complete")
    assert PHONE not in browser.read(f"/desk?{DESK}")


@pytest.mark.requirement("GL-64")
def test_the_measure_of_waiting_is_named_at_the_desk(browser: Browser, tenant: Municipality, clock: FixedClock):
    book(tenant, 10)
    clock.advance(minutes=25)
    browser.press("check-in")
    clock.advance(minutes=5)
    browser.press("call")
    page = browser.read(f"/desk?{DESK}")
    assert "20 min." in page
    assert "målt fra den bestilte tid" in page


def test_who_is_called_once_is_not_absent_before_the_municipality_says_so(
    browser: Browser, staff_token: Callable[[str, str], str], clock: FixedClock
):
    town = store_municipality(a_municipality_document(id="kaldby", waiting={"no_show_calls": 2}))
    browser = Browser(browser._client, town.id, staff_token)
    visit = arrive(town)
    browser.press("call")
    assert "Kald igen, før borgeren kan noteres som udeblevet" in browser.read(f"/desk?{DESK}")
    assert browser.press("no-show").headers["Location"].endswith("too_early")
    browser.press("recall")
    browser.press("no-show")
    assert bootstrap.visits().get(town, visit).state is State.NO_SHOW


# The kiosk


@pytest.fixture
def kiosk(browser: Browser) -> Browser:
    browser.role = "kiosk"
    return browser


@pytest.mark.requirement("GL-65")
def test_the_kiosk_offers_three_ways_and_clears_itself(kiosk: Browser):
    page = kiosk.read("/kiosk/raadhuset")
    assert re.findall(r'kiosk-choice[^>]*href="[^"]*step=(\w+)', page) == ["code", "reason", "help"]
    assert "Første ledige tid: i dag" in page
    step = kiosk.read("/kiosk/raadhuset?step=code&seconds=90")
    assert '<noscript><meta http-equiv="refresh" content="90;' in step
    assert "Giv mig mere tid" in step
    assert kiosk.get("/kiosk/nowhere").status_code == 404


def test_a_code_becomes_a_ticket_that_fills_the_screen(kiosk: Browser, tenant: Municipality):
    booked = book(tenant, 30)
    answer = kiosk.post("/kiosk/raadhuset", {"step": "code", "code": f" {booked.code[:3].lower()} {booked.code[3:]}"})
    assert answer.status_code == 303
    page = kiosk.read(answer.headers["Location"])
    assert '<span class="kiosk-number">A001</span>' in page
    assert "Din tid er kl. 10.30." in page
    assert "Karen" not in page
    again = kiosk.post("/kiosk/raadhuset", {"step": "code", "code": booked.code})
    assert again.headers["Location"] == answer.headers["Location"]


@pytest.mark.parametrize("code", ["", "ZZZZZZ", "💥", "x" * 500])
def test_a_wrong_code_is_explained_and_kept(kiosk: Browser, code: str):
    answer = kiosk.post("/kiosk/raadhuset", {"step": "code", "code": code})
    assert answer.status_code == 422
    assert "Vi kan ikke finde den kode" in answer.body.decode()


def test_an_appointment_on_another_day_is_explained(kiosk: Browser, tenant: Municipality, clock: FixedClock):
    booked = book(tenant, 24 * 60)
    answer = kiosk.post("/kiosk/raadhuset", {"step": "code", "code": booked.code})
    assert "Din tid er en anden dag" in answer.body.decode()


@pytest.mark.requirement("SK-02")
def test_a_walk_in_gets_one_ticket_and_the_unticked_question_is_a_no(kiosk: Browser, tenant: Municipality):
    page = kiosk.read("/kiosk/raadhuset?step=details&reason=passport")
    assert "Ja, I må sende mig én sms" in page
    assert "checked" not in page
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    answers = [kiosk.post("/kiosk/raadhuset", {**fields, "phone": PHONE}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert answers[0].headers["Location"] == answers[1].headers["Location"]
    [visit] = bootstrap.visits().queue(tenant, OfficeId("raadhuset")).visits
    assert (visit.phone, visit.consent.granted) == (None, False)
    assert bound(ConsentItem).get(f"{tenant.id}#consent#{visit.ulid}", "survey_sms").state == "refused"


def test_a_yes_needs_a_number_and_what_was_said_is_kept(kiosk: Browser, tenant: Municipality):
    page = kiosk.read("/kiosk/raadhuset?step=details&reason=passport")
    fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page))
    for number in ("", "12"):
        answer = kiosk.post("/kiosk/raadhuset", {**fields, "survey_consent": "yes", "phone": number})
        assert answer.status_code == 422
        assert "Skriv et mobilnummer" in answer.body.decode()
        assert re.search(r'name="survey_consent"[^>]*checked', answer.body.decode())
        assert fields["request"] in answer.body.decode()
    done = kiosk.post("/kiosk/raadhuset", {**fields, "survey_consent": "yes", "phone": "20 12 34 56"})
    assert done.status_code == 303
    [visit] = bootstrap.visits().queue(tenant, "raadhuset").visits
    assert visit.phone == PhoneNumber(PHONE)


def test_the_kiosk_speaks_english_and_starts_over_in_danish(kiosk: Browser):
    page = kiosk.read("/kiosk/raadhuset?step=reason&lang=en")
    assert "What are you here for?" in page
    assert "Driving licence" in page
    assert "lang=da" in page
