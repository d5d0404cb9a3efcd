"""The message when it is nearly one's turn: to those who asked, once, and the number for nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib.dispatch import sms_text
from chalicelib.shared.errors import InvalidInput, WrongState
from chalicelib.shared.phone import PhoneNumber
from chalicelib.visits.model import Action, State
from chalicelib.visits.nearly import TEMPLATE, Asked, NearlyYourTurn, Standing, news_of
from tests.builders import MONDAY, FixedClock, a_municipality, a_municipality_document
from tests.fakes.kiosk import InMemoryWishes, RememberingTextSender
from tests.fakes.visits import InMemoryVisits, a_visit

TEXTS = {
    **a_municipality_document()["sms_templates"],
    TEMPLATE: {
        "da": "{municipality}: Det er snart din tur. Nummer {ticket}: {link}",
        "en": "{municipality}: Nearly your turn. Number {ticket}: {link}",
    },
}
FJORDBY = a_municipality(sms_templates=TEXTS)
MINE = PhoneNumber("+4526112233")


class Hall:
    """A waiting room, its wishes and what was sent."""

    def __init__(self, *answers: bool) -> None:
        self.clock = FixedClock()
        self.visits = InMemoryVisits()
        self.wishes = InMemoryWishes()
        self.sender = RememberingTextSender(*answers)
        self.nearly = NearlyYourTurn(
            wishes=self.wishes,
            visits=self.visits,
            sender=lambda: self.sender,
            texts=sms_text,
            link=lambda visit: f"https://tid.fjordby.dk/fjordby/queue/{visit.ticket}",
            clock=lambda: self.clock,
        )

    def arrive(self, number: int, **changes):
        visit = a_visit(arrived=MONDAY + timedelta(seconds=number), ticket=f"A{number:03}", **changes)
        self.visits.add(visit)
        return visit

    def change(self, visit, *actions: Action):
        for action in actions:
            before = visit
            visit = visit.after(
                action, at=self.clock.now() + timedelta(minutes=1), step_id=f"s{visit.version}", desk="1"
            )
            self.visits.replace(before, visit)
        return visit

    def tell(self) -> int:
        return self.nearly.tell(FJORDBY, "raadhuset")


@pytest.fixture
def hall() -> Hall:
    return Hall()


def test_it_is_said_once_when_two_are_ahead(hall):
    ahead = [hall.arrive(number) for number in range(1, 4)]
    mine = hall.arrive(4)
    hall.nearly.ask(FJORDBY, mine, MINE)
    assert (hall.tell(), hall.nearly.standing(FJORDBY, mine, 9)) == (0, Standing.ASKED)
    hall.change(ahead[0], Action.CALL)
    assert [hall.tell() for _ in range(3)] == [1, 0, 0]
    [(phone, text, sender)] = hall.sender.sent
    assert (phone, sender) == (MINE, "Fjordby")
    assert text == "Fjordby Kommune: Det er snart din tur. Nummer A004: https://tid.fjordby.dk/fjordby/queue/A004"
    assert hall.nearly.standing(FJORDBY, mine, 9) is Standing.TOLD


def test_the_message_speaks_the_citizens_language_and_names_no_errand(hall):
    mine = hall.arrive(1, language="en")
    hall.nearly.ask(FJORDBY, mine, MINE)
    hall.tell()
    text = hall.sender.sent[0][1]
    assert "Nearly your turn" in text
    assert "assport" not in text


def test_it_is_not_offered_to_who_is_near_already_and_stays_for_who_has_asked(hall):
    mine = hall.arrive(1)
    assert [hall.nearly.standing(FJORDBY, mine, ahead) for ahead in (0, 2, 3)] == [None, None, Standing.NONE]
    hall.nearly.ask(FJORDBY, mine, MINE)
    assert hall.nearly.standing(FJORDBY, mine, 0) is Standing.ASKED


def test_nobody_is_told_who_did_not_ask(hall):
    hall.arrive(1)
    assert hall.tell() == 0


def test_the_number_that_is_known_will_do_and_another_may_be_given(hall):
    known, unknown = hall.arrive(1), hall.arrive(2, phone=None)
    hall.nearly.ask(FJORDBY, known, None)
    with pytest.raises(InvalidInput):
        hall.nearly.ask(FJORDBY, unknown, None)
    hall.tell()
    assert [phone for phone, _, _ in hall.sender.sent] == [known.phone]


def test_a_mistyped_number_can_be_put_right_before_it_is_used(hall):
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, PhoneNumber("+4526112234"))
    hall.nearly.ask(FJORDBY, mine, MINE)
    hall.tell()
    assert [phone for phone, _, _ in hall.sender.sent] == [MINE]


def test_after_it_was_said_no_second_can_be_asked_for(hall):
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, MINE)
    hall.tell()
    with pytest.raises(WrongState):
        hall.nearly.ask(FJORDBY, mine, PhoneNumber("+4526112234"))


def test_only_to_countries_that_the_municipality_allows(hall):
    with pytest.raises(InvalidInput) as refused:
        hall.nearly.ask(FJORDBY, hall.arrive(1), PhoneNumber("+46701234567"))
    assert "70123" not in str(refused.value)


def test_it_can_be_taken_back(hall):
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, MINE)
    for _ in range(2):
        hall.nearly.take_back(mine)
    assert (hall.tell(), hall.nearly.standing(FJORDBY, mine, 9)) == (0, Standing.NONE)


def test_a_municipality_without_the_text_does_not_offer_it(hall):
    plain, mine = a_municipality(), hall.arrive(1)
    assert hall.nearly.standing(plain, mine, 9) is None
    with pytest.raises(WrongState):
        hall.nearly.ask(plain, mine, MINE)


@pytest.mark.parametrize("actions", [(Action.CALL, Action.START), (Action.CALL, Action.NO_SHOW)])
def test_the_number_goes_when_the_visit_is_at_a_desk_or_over(hall, actions):
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, MINE)
    after = hall.change(mine, *actions)
    assert hall.tell() == 0
    assert hall.wishes.rows == {}
    assert hall.nearly.standing(FJORDBY, after, 9) is None


@pytest.mark.parametrize("actions", [(Action.CALL,), (Action.CALL, Action.PARK)])
def test_who_was_called_or_put_aside_may_wait_again_and_is_told_then(hall, actions):
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, MINE)
    hall.change(mine, *actions)
    assert (hall.tell(), len(hall.wishes.rows)) == (0, 1)


def test_an_erased_visit_takes_its_number_along(hall):
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, MINE)
    hall.visits.visits.clear()
    assert (hall.tell(), hall.wishes.rows) == (0, {})


def test_no_number_outlives_its_day(hall):
    hall.nearly.ask(FJORDBY, hall.arrive(1), MINE)
    hall.clock.advance(days=1)
    assert (hall.tell(), hall.wishes.rows) == (0, {})


def test_what_certainly_did_not_leave_is_tried_again_and_nothing_else_is():
    hall = Hall(False)
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, MINE)
    assert [hall.tell() for _ in range(3)] == [0, 1, 0]


def test_of_two_who_tell_at_once_one_sends(hall):
    mine = hall.arrive(1)
    hall.nearly.ask(FJORDBY, mine, MINE)
    [wish] = hall.wishes.open("fjordby", "raadhuset", mine.day)
    assert hall.wishes.claim(wish)
    assert not hall.wishes.claim(wish)
    assert hall.tell() == 0


def test_the_number_is_in_no_text_of_the_wish():
    asked = Asked("fjordby", "raadhuset", MONDAY.date(), "x", MINE)
    assert "26112233" not in repr(asked)


@pytest.mark.parametrize(("ahead", "told"), [(0, True), (2, True), (3, False)])
def test_the_rule_counts_who_is_ahead(ahead, told):
    visits = [a_visit(arrived=MONDAY + timedelta(seconds=n), ticket=f"A{n:03}") for n in range(ahead + 1)]
    asked = Asked("fjordby", "raadhuset", visits[-1].day, visits[-1].ulid, MINE)
    news = news_of([asked], visits, MONDAY, nearly_ahead=2)
    assert bool(news.tell) is told
    assert visits[-1].state is State.WAITING
