"""The composition root: cached, lazy factories. The only place that knows which concrete adapter fills which port.

Everything is imported inside the factory that needs it, so a function that only books never loads what reports need.
"""

from chalicelib.bootstrap.asking import dispatch, receipts, reconciliation, surveys
from chalicelib.bootstrap.citizens import booking, consents, contacts, erasure, finding, following, visits
from chalicelib.bootstrap.core import clock, hosted_sign_in, keys, municipalities, pending_work, staff_tokens, use_clock
from chalicelib.bootstrap.knowing import compaction, landing, report_refresh, reports

__all__ = [
    "booking",
    "clock",
    "compaction",
    "consents",
    "contacts",
    "dispatch",
    "erasure",
    "finding",
    "following",
    "hosted_sign_in",
    "keys",
    "landing",
    "municipalities",
    "pending_work",
    "receipts",
    "reconciliation",
    "report_refresh",
    "reports",
    "staff_tokens",
    "surveys",
    "use_clock",
    "visits",
]
