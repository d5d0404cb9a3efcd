"""Which requirements are not built, or only in part: one sentence each. Beside the tests' markers, the whole account.

What begins with "partly: " is in part covered by tests that carry its id; everything else here is covered by none.
`tests/unit/test_requirements_trace.py` fails when a requirement is in neither place, or in both without saying "partly".
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

LAST: Final[Mapping[str, int]] = {"SK": 33, "GL": 79, "GE": 28, "FR": 18, "BF": 28}
"""Each source's requirements are numbered from 1 to this."""

REQUIREMENTS: Final = tuple(f"{source}-{number:02d}" for source, last in LAST.items() for number in range(1, last + 1))

PARTLY: Final = "partly: "

NOT_BUILT: Final[Mapping[str, str]] = {
    # Skive
    "SK-09": "Nothing is split by employee: who served a visit stands in its audit alone, under a pseudonym, for 90 days.",
    "SK-22": "partly: fields that form a tree are crossed (ADR 36); waiting, service time and reason with mode would tell of few.",
    "SK-24": "partly: repeat visitors have a quarantine, but citizens are never counted, as that takes a lasting key to each.",
    "SK-32": "partly: one report for print and files of every figure serve all readers; nothing is about money.",
    # Gladsaxe
    "GL-21": "partly: use is shown without the law's reasons too, the gap is not: who says their wish has mostly no known reason.",
    "GL-32": "partly: citizens say whether a receipt came; whether one was sent is not taken from the mail system.",
    "GL-69": "partly: an e-mail's reply time is measured and shown with satisfaction; nothing is said of what a reply holds.",
    "GL-72": "The website is not measured; self-service's ease of finding is asked about, and that is all.",
    "GL-74": "partly: findings of one's own months, quarters and years are followed up; those of imported waves are compared, not filed.",
    # Gentofte
    "GE-01": "A size, not a function: `bench/lake.py --denmark` measures 17 million contacts, but no test runs at that size.",
    "GE-02": "A call carries the system that reported it, but not the number or entrance that it came by.",
    "GE-03": "Agreements between departments are not registered.",
    "GE-04": "partly: passed-on contacts are received and kept, but neither errors nor working conditions are reported.",
    "GE-07": "partly: contacts outside the hours are counted apart; waits are measured for visits alone, phones report none.",
    "GE-09": "An office can be closed for some hours, with a note why; nothing relates such hours to what was solved at once.",
    "GE-12": "partly: a file is imported and an event starts a new baseline, but no break is set by the change by itself.",
    "GE-18": "Service principles are not stored; a municipality can word its own questions about them.",
    "GE-20": "There are leader and analyst, but no coordinator per area and no representative body.",
    "GE-24": "partly: enquiry reason and department are in every fact; the phase of the citizen's journey is in none.",
    "GE-25": "partly: ways in, transfers and hand-overs are shown; repeated contacts are not, as that takes a lasting key.",
    # Fredensborg
    "FR-03": "partly: base, n, period and comparison always stand by; those who took another way are counted, not followed.",
    "FR-11": "partly: booked minutes stand against planned ones by day and reason; no saving in money is estimated.",
    # The guide on contact centres
    "BF-21": "Employees are not surveyed.",
    "BF-23": "partly: transfers and, for visits, the time to a person are shown; the steps of a phone menu are not reported.",
    "BF-26": "partly: a municipality words and asks its own questions; they don't enter the score with the targets.",
    "BF-28": "partly: no figure is about one employee; well-being and retention are not measured.",
}
"""Requirement id → what is missing, and what stands in its place."""
