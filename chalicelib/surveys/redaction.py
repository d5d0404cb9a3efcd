"""Takes personal data out of free text before it is stored; the original is never kept (I6). Pure, standard library.

Numbers and addresses are found by their shape, CPR numbers by shape and valid date and never by modulus 11, which new
numbers don't satisfy. Names come from the municipality's list of staff, from frequent names and from words that a name
follows. Whoever reads comments is told that this is best effort: `tests/unit/test_redaction_measured.py` prints the
precision and recall.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from chalicelib.surveys.names import CAPITALISED, FIRST_NAMES, NOT_NAMES, ORDINARY, SURNAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    Rule = tuple[str, re.Pattern[str], Callable[[re.Match[str]], bool]]

KEPT: Final = ""
"""The label of what is protected from later rules and stays."""

_BLANK: Final = "\x00"
# Zero-width and direction characters, which split numbers invisibly. The joiner between two emoji stays.
_INVISIBLE: Final = re.compile("[\u00ad\u180e\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_JOINER: Final = re.compile("(?<=[\\w@.+-])\u200d|\u200d(?=[\\w@.+-])")

_CAPITAL: Final = "A-ZÆØÅÄÖÜÉ"
_LETTER: Final = "A-Za-zÆØÅæøåÄÖÜäöüÉéÈèáóíúñçłśćżźąęÁŁŚ"
_WORD: Final = re.compile(rf"[{_LETTER}]+(?:[-'’][{_LETTER}]+)*")


@dataclass(frozen=True, slots=True)
class Finding:
    """A stretch of the normalised text that goes, and what stands in its place."""

    start: int
    end: int
    label: str


class Redactor:
    """Redacts texts of one municipality. `staff_names` are found in any case, whole or by a single part."""

    def __init__(self, staff_names: Iterable[str] = ()) -> None:
        wholes = [" ".join(name.split()) for name in staff_names if name.strip()]
        parts = {part for name in wholes for part in re.split(r"[ -]", name) if len(part) > 1}
        self._staff = _staff_pattern(wholes)
        self._names = FIRST_NAMES | {part.lower() for part in parts}

    def __call__(self, text: str) -> str:
        """The text, normalised, with every finding replaced by its label in brackets."""
        clean = normalised(text)
        pieces, position = [], 0
        for finding in self.findings(clean):
            pieces += [clean[position : finding.start], f"[{finding.label}]"]
            position = finding.end
        return "".join(pieces) + clean[position:]

    def findings(self, clean: str) -> list[Finding]:
        """What is to go from a normalised text, first to last, without overlaps."""
        work, found = clean, list[Finding]()
        for label, pattern, holds in (*_shapes(), *self._staff):
            for match in [m for m in pattern.finditer(work) if holds(m)]:
                start, end = match.span("it" if "it" in pattern.groupindex else 0)
                work = _blanked(work, start, end)
                found.append(Finding(start, end, label))
        found += (Finding(start, end, "navn") for start, end in _names_in(work, self._names))
        return sorted((f for f in found if f.label != KEPT), key=lambda finding: finding.start)


def normalised(text: str) -> str:
    """One form for what looks alike: NFKC, plain digits, no invisible characters."""
    visible = _JOINER.sub("", _INVISIBLE.sub("", unicodedata.normalize("NFKC", text)))
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in visible).replace(_BLANK, "")


def _blanked(text: str, start: int, end: int) -> str:
    return text[:start] + _BLANK * (end - start) + text[end:]


# --- what has a shape -------------------------------------------------------------------------------------------------


def _always(_match: re.Match[str]) -> bool:
    return True


def _is_cpr(match: re.Match[str]) -> bool:
    """The first six digits are a date; the day may carry the 60 of a replacement number. Any century will do."""
    digits = re.sub(r"\D", "", match.group())
    day, month, year = int(digits[:2]), int(digits[2:4]), int(digits[-6:-4])
    longest = (31, 29 if year % 4 == 0 else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= len(longest) and 1 <= (day - 60 if day > 60 else day) <= longest[month - 1]  # noqa: PLR2004


_SEPARATOR: Final = r"[ .\-/–]"
_STREET: Final = (
    "vej|vejen|gade|gaden|allé|alle|alléen|alleen|boulevarden|stræde|strædet|plads|pladsen|torv|torvet|vænge|vænget|parken|park|boulevard|"
    "bakke|bakken|have|haven|toft|toften|lund|lunden|eng|engen|vang|vangen|mark|marken|sti|stien|krog|krogen|brink|"
    "brinken|skrænten|strand|stranden|kaj|kajen|havn|gård|gården|svinget|passagen|kvarteret"
)
_HOUSE: Final = (
    r" ?\d{1,3}(?: ?[A-Ha-h](?![\wæøå]))?(?!\d)(?!\.\d)"
    r"(?:,? ?(?:st|kl|\d{1,2})\.?,?(?: ?sal)?,? ?(?:tv|th|mf)\b\.?)?(?:,? \d{4} [A-ZÆØÅ][a-zæøå]+(?: [A-Z]{1,2}\b)?)?"
)
_PUBLIC_HOST: Final = r"(?:www\.)?(?:borger|mitid|sundhed|skat|virk|digst|e-boks|digitalpost|politi)\.dk"
_LOCAL: Final = r"[\w.+%'-]+"
_AT: Final = r" ?(?:@|\(at\)|\[at\]|\(a\)|\(snabel-?a\)|\bsnabel-?a\b) ?"
_DOT: Final = r"(?:\.| ?(?:\(dot\)|\[dot\]|\(punktum\)|\bpunktum\b) ?)"

_CPR: Final = (
    rf"(?<!\d)\d\d{_SEPARATOR}?[01]\d{_SEPARATOR}?(?:(?:18|19|20)(?=\d\d{_SEPARATOR}?\d{{4}}(?!\d)))?\d\d"
    rf"{_SEPARATOR}{{0,3}}\d ?\d ?\d ?\d(?!\d)"
)


@cache
def _shapes() -> tuple[Rule, ...]:
    """In the order in which they are asked. Compiled with the first comment, not with the first import."""
    return tuple(
        (label, re.compile(pattern, re.IGNORECASE if ignore_case else 0), holds)
        for label, pattern, ignore_case, holds in (
            ("e-mail", rf"{_LOCAL}{_AT}[\w-]+(?:{_DOT}[\w-]+)+", True, _always),
            (KEPT, rf"(?:https?://)?{_PUBLIC_HOST}/?(?![\w/.-]*/)(?!\.?\w)", True, _always),
            ("link", r"(?:https?://|www\.)[^\s<>\"]+[\w/=]", True, _always),
            ("link", r"\b[\w-]+(?:\.[\w-]+)*\.(?:dk|com|net|org|eu|de|io|me|be)/[^\s<>\"]*[\w/=]", True, _always),
            # "cpr" in front: ten digits are enough, even if the date is mistyped.
            ("cpr", rf"cpr[^\d\n]{{0,24}}(?P<it>\d{{6}}{_SEPARATOR}{{0,3}}\d{{4}})(?!\d)", True, _always),
            (KEPT, r"(?<![\d.,-])[0-3]?\d[./-][01]?\d[ ./-](?:19|20)\d\d(?!\d)(?![-–]\d{4}(?!\d))", False, _always),
            (KEPT, r"(?<!\d)(?:19|20)\d\d-[01]\d-[0-3]\d(?!\d)", False, _always),
            (KEPT, r"(?<!\d)(?:19|20)\d\d ?[-–/] ?(?:19|20)\d\d(?!\d)", False, _always),
            (
                "cpr",
                _CPR,
                False,
                _is_cpr,
            ),
            ("cpr", r"(?<!\d)\d(?: \d){5}[ -]{1,3}\d(?: \d){3}(?! ?\d)", False, _is_cpr),
            ("nummer", r"\bDK\d\d(?: ?\d{4}){3} ?\d\d(?!\d)|(?<!\d)\d{4}(?:[ -]\d{4}){3}(?!\d)", True, _always),
            (
                "telefon",
                r"(?<![\w+.,])\(?(?:\+|00)[1-9]\d{0,2}\)?(?:[ .\-/]?\(?\d\)?){6,12}(?!\d)",
                False,
                _always,
            ),
            (
                "telefon",
                r"(?<![\d.,-])(?:\(?(?:\+|00)?45\)?[ -]?)?[2-9]\d([ .\-/]?)\d\d\1\d\d\1\d\d(?!\d)(?!,\d)",
                False,
                _always,
            ),
            ("telefon", r"(?<![\d.,-])[2-9]\d{3}[ \-]\d{4}(?!\d)", False, _always),
            ("telefon", r"(?<![\d.,-])[2-9]\d{2} ?\d{2} ?\d{3}(?![\d.])", False, _always),
            ("telefon", r"(?<!\d)(?<!\d[ .,-])[2-9](?:[ .\-]\d){7}(?![ .\-]?\d)", False, _always),
            ("nummer", r"(?<![\d.,])\d{9,}(?![\d])", False, _always),
            ("nummerplade", r"\b(?!KL|NR|DK)[A-Z]{2} ?\d{2} ?\d{3}\b(?! ?(?:kr|kroner|DKK))", False, _always),
            (
                "adresse",
                rf"\b(?:[{_CAPITAL}][\w.'’-]* ){{0,3}}[{_CAPITAL}][\w'’-]*(?i:{_STREET}){_HOUSE}",
                False,
                lambda match: not _is_place_word(match),
            ),
            (
                "adresse",
                rf"\b(?:[{_CAPITAL}][\w.'’-]* ){{1,3}}(?i:{_STREET}){_HOUSE}",
                False,
                lambda m: not _is_place_word(m),
            ),
            (
                "adresse",
                rf"\b[\wæøå]{{3,}}(?:vej|gade|allé|stræde|vænget|boulevard){_HOUSE}",
                False,
                lambda m: not _is_place_word(m),
            ),
            ("adresse", rf"\b\d{{1,4}}[A-Za-z]? [{_CAPITAL}]\w+ (?:Street|Road|Avenue|Lane|Drive)\b", False, _always),
        )
    )


_PLACE_WORDS: Final = re.compile(
    r"\b(?:parkeringsplads|p-plads|holdeplads|venteplads|siddeplads|legeplads|arbejdsplads|motorvej|gågade|omvej|udvej|"
    r"byggeplads|indkørselsvej|landevej|genvej|cykelsti|skoleplads|praktikplads)(?:en)? ?\d",
    re.IGNORECASE,
)


def _is_place_word(match: re.Match[str]) -> bool:
    """A parking space or a motorway with its number is no address."""
    return _PLACE_WORDS.search(match.group()) is not None


# --- names ------------------------------------------------------------------------------------------------------------

_CUES: Final = re.compile(
    r"(?:\b(?:hedder|hed|navn(?:et)? er|navn|kaldes|kaldte sig|name is|named|called|this is|"
    r"medarbejderen|medarbejder|sagsbehandler(?:en)?|rådgiver(?:en)?|vejleder(?:en)?|receptionisten|ekspedient(?:en)?|"
    r"damen|manden|fyren|kollega(?:en)?|lederen|chefen|caseworker|employee|advisor|colleague|clerk|lady|"
    r"(?:hjulpet|betjent|modtaget|ekspederet|ringet op|mødt) af|(?:tal(?:t|te)|snakke(?:t|de)|møde|tid|samtale) med|"
    r"(?:tak|ros|hilsen|hilsner|cadeau|roser|stjerner) til|hos|spørg efter|"
    r"(?:helped|served|assisted|met) by|(?:spoke|talked|speak|met|meeting) (?:with|to)|thank(?:s| you)(?: to)?|ask for|"
    r"tak|hr\.|fru|mr\.?|mrs\.?|ms\.?|kh|mvh|vh|hilsen|hilsner|regards|cheers|sincerely|"
    r"min (?:mand|kone|søn|datter|mor|far|bror|søster)|my (?:husband|wife|son|daughter|mother|father|brother|sister)|"
    r"skranke \d+|window \d+|counter \d+)[,:!.]?\s+)$",
    re.IGNORECASE,
)
_SENTENCE_START: Final = re.compile(r"(?:^|[.!?…:\n]|[-–•*]|[\"»“(])\s*$")


def _staff_pattern(wholes: list[str]) -> tuple[Rule, ...]:
    if not wholes:
        return ()
    longest_first = sorted(wholes, key=len, reverse=True)
    alternatives = "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in longest_first)
    return (("navn", re.compile(rf"(?<!\w)(?:{alternatives})(?:['’]?s)?(?!\w)", re.IGNORECASE), _always),)


def _names_in(text: str, names: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Stretches of words that are names: a known one or one after a cue, with the capitalised words that follow."""
    words = list(_WORD.finditer(text))
    index = 0
    while index < len(words):
        if not _begins_name(text, words, index, names):
            index += 1
            continue
        last = index
        while last + 1 < len(words) and _continues(text, words[last], words[last + 1], names):
            last += 1
        yield words[index].start(), words[last].end()
        index = last + 1


def _begins_name(text: str, words: list[re.Match[str]], index: int, names: frozenset[str]) -> bool:
    word = words[index].group()
    bare = _without_genitive(word, names)
    before = text[: words[index].start()][-48:]
    capital = word[0].isupper()
    cue = _CUES.search(before) is not None
    if bare in ORDINARY:
        followed = index + 1 < len(words) and _continues(text, words[index], words[index + 1], names)
        known = bare in names or bare in SURNAMES
        starts = _SENTENCE_START.search(before) is not None
        return known and capital and (followed or (cue and not word.isupper()) or (not starts and not text.isupper()))
    if bare in CAPITALISED:
        return capital and (cue or not text.isupper())
    if any(part in names or part in SURNAMES for part in (bare, *bare.split("-")) if part not in ORDINARY):
        return True
    return capital and cue and not word.isupper() and bare not in NOT_NAMES and not _is_known_place(bare)


def _without_genitive(word: str, names: frozenset[str]) -> str:
    """The name in `Mettes`, `Mette's` and `Hans'`, lower case."""
    lower = re.sub(r"['’]s?$", "", word.lower())
    shorter = lower.removesuffix("s")
    return shorter if lower not in names and (shorter in names or shorter in SURNAMES) else lower


def _continues(text: str, word: re.Match[str], following: re.Match[str], names: frozenset[str]) -> bool:
    """A capitalised word right after a name belongs to it; among capitals throughout, only a known name does."""
    gap, name = text[word.end() : following.start()], following.group()
    adjoins = gap in {" ", "-"} or (gap == ". " and len(word.group()) == 1)
    if len(name) > 1 and name.isupper():
        return adjoins and (name.lower() in names or name.lower() in SURNAMES)
    return adjoins and name[0].isupper() and name.lower() not in NOT_NAMES


def _is_known_place(word: str) -> bool:
    return word.endswith(
        (
            "kommune",
            "service",
            "centret",
            "center",
            "centeret",
            "huset",
            "styrelsen",
            "skolen",
            "konsulent",
            "konsulenten",
            "rådgiver",
            "rådgiveren",
        )
    )
