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
    "SK-12": "partly: accept rates stand by where and how citizens were asked, but no rate carries the date of a change.",
    "SK-18": "There is no register of actions with owner and finding; a finding has an address that an action plan can cite.",
    "SK-19": "Employees get no feed of positive answers; leaders and analysts read the comments.",
    "SK-20": "partly: leaders and analysts read the reports and others do not; employees and the public have no view.",
    "SK-21": "partly: comments are read with office, reason and score, but nobody can sort, assign or close them.",
    "SK-22": "partly: a score is split by one field at a time, never by two at once, which would soon show a handful.",
    "SK-24": "partly: repeat visitors have a quarantine, but citizens are never counted, as that takes a lasting key to each.",
    "SK-26": "partly: a comment is only shown elsewhere if its writer agreed, but leaders can't pick quotes to publish.",
    "SK-27": "partly: late, repeated and wrong deliveries are handled, but nobody is told of one that never comes.",
    "SK-32": "partly: one report for print and files of every figure serve all readers; nothing is about money.",
    # Gladsaxe
    "GL-06": "partly: channel and mode are shown each by itself, with a warning; channel results are not split by mode.",
    "GL-13": "partly: age, gender, education and employment are asked, but no report looks for differences between them.",
    "GL-20": "partly: an imported wave shows what its file has by department and channel; one's own use of channels is not split by department.",
    "GL-21": "partly: the law's reasons lead past every alternative, but the channel gap includes those who had no choice.",
    "GL-32": "partly: citizens say whether a receipt came; whether one was sent is not taken from the mail system.",
    "GL-57": "partly: a warning compares the mix of all answers, not the departments behind one channel.",
    "GL-69": "partly: an e-mail's reply time is measured and shown with satisfaction; nothing is said of what a reply holds.",
    "GL-70": "partly: staff's record reaches the lake and the large survey asks citizens; no report shows the record.",
    "GL-72": "The website is not measured; self-service's ease of finding is asked about, and that is all.",
    "GL-74": "There is no register of recommendations; two periods or waves are compared by hand.",
    "GL-75": "There are no recommendations to file by channel and department; every figure has an address to point to.",
    "GL-76": "There are no recommendations, so none can say to keep things as they are.",
    "GL-78": "Field observations are not kept; only the yearly review of check-in points is written down.",
    "GL-79": "Nobody can add an interpretation: reports hold findings and, apart, events as possible explanations.",
    # Gentofte
    "GE-01": "A size, not a function: `bench/lake.py --denmark` measures 17 million contacts, but no test runs at that size.",
    "GE-02": "A call carries the system that reported it, but not the number or entrance that it came by.",
    "GE-03": "Agreements between departments are not registered.",
    "GE-04": "partly: passed-on contacts are received and kept, but neither errors nor working conditions are reported.",
    "GE-05": "partly: internal calls are kept out of every view and of dispatch, but their share is not reported.",
    "GE-07": "partly: hours hold per reason with dates and exceptions, but calls outside them are not counted apart.",
    "GE-08": "partly: the rate is shown by channel, not by enquiry reason.",
    "GE-09": "An office can be closed for some hours, with a note why; nothing relates such hours to what was solved at once.",
    "GE-10": "partly: how often a contact was passed on is kept, but no map shows the ways that contacts take.",
    "GE-12": "partly: a file is imported and an event starts a new baseline, but no break is set by the change by itself.",
    "GE-15": "Workshops' input has no place; only what citizens answer is kept.",
    "GE-16": "partly: a report with findings in words is printed; it recommends nothing.",
    "GE-18": "Service principles are not stored; a municipality can word its own questions about them.",
    "GE-19": "The citizens' adviser has no role of its own; as an analyst one can read, but not comment.",
    "GE-20": "There are leader and analyst, but no coordinator per area and no representative body.",
    "GE-21": "There is no change to which citizens' input could be recorded before it is decided.",
    "GE-22": "No baseline is set before a change; any closed period can be compared with afterwards.",
    "GE-24": "partly: enquiry reason and department are in every fact; the phase of the citizen's journey is in none.",
    "GE-25": "partly: how often a contact was passed on is kept; entrances and repeated contacts are not.",
    "GE-28": "partly: two periods are tested with their n, and events mark a date; there is no register of interventions.",
    # Fredensborg
    "FR-03": "partly: base, n, period and comparison always stand by; those who took another way are counted, not followed.",
    "FR-11": "partly: booked minutes stand against planned ones by day and reason; no saving in money is estimated.",
    "FR-14": "No follow-up is planned at an interval after a change; the comparison is chosen when the report is read.",
    "FR-15": "No limits can be set in advance for a risky change; weekly figures show what lies outside chance.",
    "FR-16": "partly: assisted bookings are counted; the satisfaction of those who were helped is not shown apart.",
    # The guide on contact centres
    "BF-08": "partly: comments are redacted before they are stored; there is no big screen to show them on.",
    "BF-11": "There is no monthly pick and no vote.",
    "BF-12": "There is no diploma, as there is no vote.",
    "BF-13": "partly: of a colleague's name a key stays only with a yes, for a vote that is not built.",
    "BF-16": "Letters are not planned.",
    "BF-17": "Calls are not forecast; their history is in the lake.",
    "BF-18": "There is no forecast to hold against what came.",
    "BF-19": "There is no forecast, so neither a stress scenario nor an alarm on it.",
    "BF-21": "Employees are not surveyed.",
    "BF-23": "partly: how often a contact was passed on is kept; menu steps and the time to a person are not.",
    "BF-26": "partly: a municipality words and asks its own questions; they don't enter the score with the targets.",
    "BF-27": "Teams can't share comments or solutions; the notice board tells colleagues of changes.",
    "BF-28": "partly: no figure is about one employee; well-being and retention are not measured.",
}
"""Requirement id → what is missing, and what stands in its place."""
