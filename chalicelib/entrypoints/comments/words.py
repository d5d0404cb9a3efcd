"""How a comment's score is said: always with the scale that it is on (SK-13)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chalicelib import bootstrap
from chalicelib.shared.languages import in_language
from chalicelib.surveys.questionnaire import wordings_in
from chalicelib.web.pages import gettext

if TYPE_CHECKING:
    from collections.abc import Callable

    from chalicelib.comments.model import Comment
    from chalicelib.municipalities.model import Municipality
    from chalicelib.surveys.model import Question

_OVERALL: Final = "satisfaction"
"""The question whose answer stands beside a comment (`athena_queries/v_comments.sql`)."""


def scores(municipality: Municipality, language: str) -> Callable[[Comment], str]:
    """Gives a comment's score in words; nothing where there is none."""
    known: dict[str, Question | None] = {}

    def words(comment: Comment) -> str:
        if comment.score is None:
            return ""
        wording = comment.score_wording
        if wording not in known:
            bank = bootstrap.questionnaires().wordings(municipality.id)
            known[wording] = next(iter(wordings_in(bank, [(_OVERALL, wording)])), None)
        return _said(comment.score, known[wording], language)

    return words


def _said(score: str, question: Question | None, language: str) -> str:
    said = {option.id: in_language(option.text, language) for option in question.choices} if question else {}
    if score in said:
        return said[score]
    if question is None or question.scale is None:
        return gettext(language, "Karakter %(score)s", score=score)
    return gettext(language, "%(score)s af %(most)s", score=score, most=str(question.scale.maximum))
