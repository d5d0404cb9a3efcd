"""The composition root: cached, lazy factories. The only place that knows which concrete adapter fills which port.

Everything is imported inside the factory that needs it, so a function that only books never loads what reports need.
"""

from chalicelib.bootstrap.arriving import nearly, self_check_in
from chalicelib.bootstrap.asking import (
    callbacks,
    comment_uses,
    dispatch,
    questionnaires,
    receipts,
    reconciliation,
    surveys,
)
from chalicelib.bootstrap.citizens import (
    alternative_counts,
    booking,
    caller_limits,
    challenges,
    consents,
    contacts,
    erasure,
    finding,
    following,
)
from chalicelib.bootstrap.core import clock, hosted_sign_in, keys, municipalities, pending_work, staff_tokens, use_clock
from chalicelib.bootstrap.knowing import compaction, landing, report_refresh, reports, waves
from chalicelib.bootstrap.messaging import earlier_times, letters, messages, text_messages
from chalicelib.bootstrap.offices import audit, check_in_reviews, closing, days, notices, office_day, visits
from chalicelib.bootstrap.planning import day_planning, plan_view, proposals
from chalicelib.bootstrap.selfservice import codes, my_data

__all__ = [
    "alternative_counts",
    "audit",
    "booking",
    "callbacks",
    "caller_limits",
    "challenges",
    "check_in_reviews",
    "clock",
    "closing",
    "codes",
    "comment_uses",
    "compaction",
    "consents",
    "contacts",
    "day_planning",
    "days",
    "dispatch",
    "earlier_times",
    "erasure",
    "finding",
    "following",
    "hosted_sign_in",
    "keys",
    "landing",
    "letters",
    "messages",
    "municipalities",
    "my_data",
    "nearly",
    "notices",
    "office_day",
    "pending_work",
    "plan_view",
    "proposals",
    "questionnaires",
    "receipts",
    "reconciliation",
    "report_refresh",
    "reports",
    "self_check_in",
    "staff_tokens",
    "surveys",
    "text_messages",
    "use_clock",
    "visits",
    "waves",
]
