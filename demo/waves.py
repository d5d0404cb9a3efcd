"""Two earlier surveys for the first demo municipality: figures of a published report, so that their marks are seen."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Final

from chalicelib import bootstrap
from chalicelib.reporting.waves import Wave, rows_of

FILE: Final = Path(__file__).parent / "published_changes_sample.csv"
OWNER: Final = "fjordby"
_COLLECTED: Final = {
    "da": "Elektronisk, ved interview på stedet og i telefonen.",
    "en": "Electronically, by interview on site and by phone.",
}
_LABELS: Final = {
    "service_satisfaction_top2": {"da": "Tilfredse eller meget tilfredse", "en": "Satisfied or very satisfied"},
    "service_satisfaction_bottom2": {
        "da": "Utilfredse eller meget utilfredse",
        "en": "Dissatisfied or very dissatisfied",
    },
    "channel_actual": {"da": "Brugte kontaktformen", "en": "Used the channel"},
    "information_clarity_top2": {
        "da": "Klar information i høj eller nogen grad",
        "en": "Clear information, high or some",
    },
    "self_service_easy_to_use": {"da": "Selvbetjeningen var let at bruge", "en": "Self-service was easy to use"},
    "self_service_easy_to_find": {"da": "Selvbetjeningen var let at finde", "en": "Self-service was easy to find"},
    "prereq_problem_solved_in_meeting": {"da": "Vigtigst: løst på mødet", "en": "Matters most: solved in the meeting"},
    "phone_employee_friendly": {"da": "Venlig medarbejder i telefonen", "en": "Friendly employee on the phone"},
}


def load_waves() -> None:
    """Store both waves; doing it again changes nothing."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        before, after = rows_of(csv.DictReader(lines))
    for year, rows, last in (("2019", before, "2019-10-10"), ("2022", after, "2022-10-10")):
        name = {"da": f"Måling {year}", "en": f"Survey {year}"}
        bootstrap.waves().save(OWNER, Wave(year, name, f"{year}-09-12", last, _COLLECTED, rows, _LABELS))
