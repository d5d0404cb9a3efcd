"""Which questionnaires a municipality asks where, and in which languages; what it does not say has a default."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from chalicelib.shared.identifiers import QuestionnaireId
from chalicelib.shared.languages import COMPLETE, Language

if TYPE_CHECKING:
    from collections.abc import Mapping


_PULSE: Final = QuestionnaireId("pulse")
_LARGE: Final = QuestionnaireId("gladsaxe")


@dataclass(frozen=True, slots=True)
class AskingPolicy:
    """Beside `SurveyPolicy`, which is about the messages.

    `languages` are those that citizens may choose; a survey offers those of them in which it is complete. A channel in
    `by_channel` has its own questionnaire behind the link (BF-22). `kiosk` is asked at the kiosk, `interview` is what
    interviewers begin with, `open` may be answered by anybody who has the address or the QR code at a desk.
    With `callbacks`, a citizen may leave a number at the end, to be called, for that alone. A first conclusion is
    drawn once the margin of error is `enough_margin` per cent points (SK-17). `nominees` are those of the staff who
    have said yes to the monthly vote: only of their names a key stays when a comment is redacted (BF-13).
    """

    languages: tuple[Language, ...] = COMPLETE
    by_channel: Mapping[str, QuestionnaireId] = field(default_factory=lambda: MappingProxyType({}))
    kiosk: QuestionnaireId = _PULSE
    interview: QuestionnaireId = _LARGE
    open: tuple[QuestionnaireId, ...] = ()
    callbacks: bool = False
    enough_margin: int = 5
    nominees: tuple[str, ...] = ()


def asking_from(item: Mapping[str, Any]) -> AskingPolicy:
    """The policy of a stored document; what it lacks has the default."""
    given = {name: item[name] for name in ("callbacks", "enough_margin") if name in item}
    given |= {name: QuestionnaireId(item[name]) for name in ("kiosk", "interview") if name in item}
    if "languages" in item:
        given["languages"] = tuple(Language(language) for language in item["languages"])
    if "open" in item:
        given["open"] = tuple(QuestionnaireId(name) for name in item["open"])
    given["nominees"] = tuple(item.get("nominees", ()))
    by_channel = {str(channel): QuestionnaireId(name) for channel, name in item.get("by_channel", {}).items()}
    return AskingPolicy(**given, by_channel=by_channel)
