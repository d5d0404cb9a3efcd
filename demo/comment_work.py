"""What invented leaders did with the invented comments of the last months: themes, answers, praise, quotes, a wall."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.comments.model import Change, Status, Use
from chalicelib.comments.voting import MOST, team_of
from chalicelib.shared.clock import local_date
from chalicelib.shared.errors import Conflict, InvalidInput, WrongState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from chalicelib.comments.model import Comment
    from chalicelib.municipalities.model import Municipality

_MONTHS: Final = 3
_A_MONTH: Final = 36
_LOW: Final = 8
"""Scores below it are looked into."""
_ON: Final = timedelta(days=13)
_WORDS: Final = (
    ("waiting", ("vente", "waiting", "waited")),
    ("access", ("tid efter", "bestille tid", "tider at", "skiltet", "book")),
    ("digital", ("system", "standeren", "skærmen", "på nettet", "online")),
    ("information", ("brev", "papir", "regler", "information", "besked", "letter")),
    ("place", ("lokale", "støj", "room", "noisy")),
    ("outcome", ("svar", "sag", "answer")),
)
_ANSWERS: Final = {
    "waiting": "Vi har åbnet en skranke mere mandag og torsdag formiddag.",
    "access": "Der er nu flere tider efter kl. 16 om torsdagen.",
    "digital": "Fejlen er meldt til leverandøren. Imens hjælper vi ved skranken.",
    "information": "Brevet er skrevet om. Nu står der øverst, hvad du skal have med.",
    "place": "Vi har sat stole og skærmvægge op, så der er mere ro.",
}
_BUT: Final = frozenset({"men", "but"})
_PRAISED: Final = ("betjen", "venlig", "smil", "hjælpsom", "sød", "lyttede", "forklar", "friendly", "kind", "helpful")


def work_on_comments(municipality: Municipality, now: datetime) -> int:
    """Marks on comments of the last months, and the wall switched on; how many. Doing it again ends the same."""
    desk, marked = bootstrap.comment_desk(), 0
    for month in bootstrap.reports().periods(municipality.id)[-_MONTHS:]:
        comments = [each for each in bootstrap.reports().readable(municipality, month) if each.id]
        for number, comment in enumerate(comments[:_A_MONTH]):
            for change in _changes(comment, number):
                with suppress(InvalidInput):  # its writer said no, or its month has too few answers
                    desk.change(municipality, month, comment.id, change)
            marked += 1
    _vote(municipality)
    wall, today = bootstrap.wall(), local_date(now)
    with suppress(Conflict):
        wall.switch_on(municipality, today, today + _ON, seen=0)
    return marked


def _vote(municipality: Municipality) -> None:
    """The latest praise of the largest team is being voted on; loading it again finds the vote begun."""
    voting = bootstrap.voting()
    teams = Counter((each.comment.id[:7], team_of(each.comment)) for each in voting.choosable(municipality))
    large = [vote for vote, number in teams.items() if number >= MOST]
    if not large:
        return
    month, team = max(large)
    mine = [each.comment.id for each in voting.choosable(municipality) if team_of(each.comment) == team]
    with suppress(WrongState):
        for comment_id in [each for each in mine if each.startswith(month)][:MOST]:
            voting.pick(municipality, comment_id)
        voting.open(municipality, month, team)


def _changes(comment: Comment, number: int) -> Iterator[Change]:
    text = comment.text.casefold()
    praised = any(word in text for word in _PRAISED) and comment.score in {"9", "10"} and not _BUT & set(text.split())
    theme = "service" if praised else next((name for name, words in _WORDS if any(w in text for w in words)), "other")
    low = comment.score is not None and comment.score.isdecimal() and int(comment.score) < _LOW
    if number % 4 == 0 and not praised:
        return  # not looked at yet
    yield Change(theme=theme, status=Status.ACTED if low else Status.SEEN)
    if low and (answer := _ANSWERS.get(theme)):
        yield Change(answer=answer, status=Status.CLOSED)
        yield Change(show=Use.SHARED)
        if number % 2:
            yield Change(show=Use.WALL)
    elif low:
        yield Change(urgent=number % 3 == 0, status=Status.SEEN, note="Tages op på mandagsmødet.")
    if praised:
        yield Change(show=Use.PRAISE)
        if number % 2:
            yield Change(show=Use.QUOTE)
            yield Change(show=Use.WALL)
