"""The composition root: cached, lazy factories. The only place that knows which concrete adapter fills which port.

Everything is imported inside the factory that needs it, so a function that only books never loads what reports need.
"""

from chalicelib.bootstrap.acting import action_notes, actions, followed_figures
from chalicelib.bootstrap.arriving import nearly, self_check_in
from chalicelib.bootstrap.asking import (
    callbacks,
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
    senders,
)
from chalicelib.bootstrap.comments import comment_desk, comment_uses, picked_comments, voting, wall
from chalicelib.bootstrap.core import (
    clock,
    hosted_sign_in,
    keys,
    municipalities,
    pending_work,
    prepare,
    staff_tokens,
    use_clock,
)
from chalicelib.bootstrap.expecting import expectations
from chalicelib.bootstrap.knowing import compaction, landing, report_refresh, reports, waves
from chalicelib.bootstrap.messaging import earlier_times, letters, messages, text_messages
from chalicelib.bootstrap.offices import audit, check_in_reviews, closing, days, notices, office_day, visits
from chalicelib.bootstrap.planning import day_planning, plan_view, proposals
from chalicelib.bootstrap.selfservice import codes, my_data

__all__ = [
    "action_notes",
    "actions",
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
    "comment_desk",
    "comment_uses",
    "compaction",
    "consents",
    "contacts",
    "day_planning",
    "days",
    "dispatch",
    "earlier_times",
    "erasure",
    "expectations",
    "finding",
    "followed_figures",
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
    "picked_comments",
    "plan_view",
    "prepare",
    "proposals",
    "questionnaires",
    "receipts",
    "reconciliation",
    "report_refresh",
    "reports",
    "self_check_in",
    "senders",
    "staff_tokens",
    "surveys",
    "text_messages",
    "use_clock",
    "visits",
    "voting",
    "wall",
    "waves",
]
