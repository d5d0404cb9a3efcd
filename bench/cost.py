"""What 1,000 visits cost in AWS at list price, without the text messages: `python -m bench.cost`.

Visits go through the embedded AWS, from the first page of booking to the answered survey, and everything is counted:
requests, invocations with their CPU time, calls with their sizes, bytes logged. Only the prices and what stands below
as an assumption is not measured. Left out: free tiers, what is the same however many visit (alarms, storage, backup,
secrets, QuickSight readers), data transfer, taxes, and the citizens who book and don't come.
"""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench.parts.visit import OFFICE, TENANT, world

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.parts.visit import Invocation, World

# List prices in USD of US East (N. Virginia), first tier, as AWS's public price pages had them in November 2026 to our
# knowledge: written from memory and secondary pages, not read from the price list of eu-north-1, which differs by some
# per cent. Correct them here before an invoice is argued about.
API_REQUEST: Final = 3.50e-6  # API Gateway, REST
LAMBDA_REQUEST: Final = 0.20e-6
LAMBDA_GB_SECOND: Final = 16.6667e-6  # x86
READ_UNIT: Final = 0.125e-6  # DynamoDB, on demand
WRITE_UNIT: Final = 0.625e-6
S3_WRITE: Final = 5e-6  # PUT, COPY, LIST
S3_READ: Final = 0.4e-6  # GET, HEAD
QUEUE_REQUEST: Final = 0.40e-6
ATHENA_BYTE: Final = 5 / 1024**4
ATHENA_LEAST_BYTES: Final = 10 * 1024**2  # of a query
LOG_BYTE: Final = 0.50 / 1024**3

# Assumptions.
FULL_CPU_MB: Final = 1769  # with that memory a function has one CPU, with less a part of it
MEMORY_MB: Final = 512  # .chalice/config.json
ANALYTICS_MB: Final = 2048
ANALYTICS: Final = ("compact_lake", "refresh_reports")
ROUND_TRIP_MS: Final = 5  # a call of AWS from a function in the same region; one after the other
ACCESS_LOG_BYTES: Final = 330  # a line of infra/app.yaml's AccessLogSetting
ANSWERED: Final = 0.3  # of those who were asked
DAYS: Final = 21  # working days of a month
OPEN_HOURS: Final = 7
DISPLAY_SECONDS, DESK_SECONDS = 3, 4  # how often the hall's screen and a desk's page ask for what is new
DESKS: Final = 4
VISITS: Final = 12
ONLY_WHO_ANSWERS: Final = frozenset({"survey page", "survey", "answer", "finish", "land_response"})
FIXED: Final = frozenset({"sweep", "compact_lake", "refresh_reports", "reconcile_accounts"})


@dataclass(frozen=True, slots=True)
class Cost:
    """Dollars by what they are paid for."""

    parts: Counter[str]

    def total(self) -> float:
        """All of it."""
        return sum(self.parts.values())

    def times(self, factor: float) -> Cost:
        """So many of the same."""
        return Cost(Counter({name: amount * factor for name, amount in self.parts.items()}))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, world(Path(folder)) as running:
        running.visit(0)  # a cold process is another matter
        running.functions.seen.clear()
        for number in range(1, VISITS + 1):
            running.visit(number)
        visits = [seen for seen in running.functions.seen if seen.function not in FIXED]
        polls = _polls(running)
        jobs = _jobs(running)
    _marginal(visits)
    _fixed(jobs, polls)


def cost_of(seen: Invocation) -> Cost:
    """What one invocation costs, with everything that it called."""
    memory = ANALYTICS_MB if seen.function in ANALYTICS else MEMORY_MB
    slower = max(1.0, FULL_CPU_MB / memory)
    lasted = seen.milliseconds * slower + ROUND_TRIP_MS * len(seen.calls)
    parts = Counter({
        "Lambda": LAMBDA_REQUEST + LAMBDA_GB_SECOND * memory / 1024 * lasted / 1000,
        "logs": LOG_BYTE * seen.logged,
    })  # fmt: skip
    if seen.function == "api_handler":
        parts["API Gateway"] += API_REQUEST
        parts["logs"] += LOG_BYTE * ACCESS_LOG_BYTES
    if seen.function == "send_invitation":
        parts["SQS"] += 2 * QUEUE_REQUEST  # received and deleted
    for call in seen.calls:
        operation = call.name.partition(".")[2]
        read, written = call.units()
        parts["DynamoDB"] += READ_UNIT * read + WRITE_UNIT * written
        if call.service == "s3":
            parts["S3"] += S3_READ if operation in {"GetObject", "HeadObject"} else S3_WRITE
        elif call.service == "sqs":
            parts["SQS"] += QUEUE_REQUEST
        elif operation == "StartQueryExecution":
            parts["Athena"] += ATHENA_BYTE * ATHENA_LEAST_BYTES
    return Cost(parts)


def _marginal(seen: Iterable[Invocation]) -> None:
    groups: dict[str, list[Invocation]] = defaultdict(list)
    for invocation in seen:
        groups[_group(invocation)].append(invocation)
    _heading("1,000 visits, USD")
    whole: Counter[str] = Counter()
    for name, invocations in groups.items():
        share = 1000 / VISITS * (ANSWERED if name == "survey answered" else 1.0)
        cost = Cost(sum((cost_of(each).parts for each in invocations), Counter())).times(share)
        whole += cost.parts
        many, cpu = len(invocations) * share, sum(each.milliseconds for each in invocations) * share
        calls = sum(len(each.calls) for each in invocations) * share
        print(f"{name:22}{many:7,.0f}{cpu / many:9.1f}{calls / many:8.1f}{_shown(cost)}")
    published = sum(call.name == "sns.Publish" for group in groups.values() for each in group for call in each.calls)
    print(f"{'together':46}{_shown(Cost(whole))}")
    print(f"text messages, not in it: {published / VISITS:.1f} a visit, each at what the carrier takes (`priceInUSD`)")


def _fixed(jobs: dict[str, Invocation], polls: dict[str, Invocation]) -> None:
    open_seconds = DAYS * OPEN_HOURS * 3600
    rows = {
        "sweep, every minute": (jobs["sweep"], 30 * 24 * 60),
        "compaction, hourly": (jobs["compact_lake"], DAYS * OPEN_HOURS),
        "refresh, hourly": (jobs["refresh_reports"], DAYS * OPEN_HOURS),
        "one hall's screen": (polls["display"], open_seconds / DISPLAY_SECONDS),
        f"{DESKS} desks' pages": (polls["board"], DESKS * open_seconds / DESK_SECONDS),
    }
    print(
        "\na month, USD            times   CPU ms   calls" + "".join(f"{name:>12}" for name in _COLUMNS) + "       sum"
    )
    for name, (invocation, times) in rows.items():
        cost = cost_of(invocation).times(times)
        print(f"{name:22}{times:7,.0f}{invocation.milliseconds:9.1f}{len(invocation.calls):8}{_shown(cost)}")


_COLUMNS: Final = ("API Gateway", "Lambda", "DynamoDB", "S3", "SQS", "Athena", "logs")


def _heading(what: str) -> None:
    columns = "".join(f"{name:>12}" for name in _COLUMNS)
    print(f"\n{what:22}{'times':>7}{'CPU ms':>9}{'calls':>8}{columns}{'sum':>10}")


def _shown(cost: Cost) -> str:
    return "".join(f"{cost.parts[name]:12.3f}" for name in _COLUMNS) + f"{cost.total():10.3f}"


def _group(seen: Invocation) -> str:
    if seen.label in ONLY_WHO_ANSWERS:
        return "survey answered"
    if seen.function != "api_handler":
        return "asked and landed"
    return "booked" if seen.label in _BOOKING else "served"


_BOOKING: Final = frozenset({
    "page: reasons", "page: offices", "page: times", "slots", "hold", "book", "page: appointment",
})  # fmt: skip


def _polls(running: World) -> dict[str, Invocation]:
    found = {}
    for name, path, role in (
        ("display", f"/{TENANT}/display/{OFFICE}/calls", "display"),
        ("board", f"/{TENANT}/desk/board?office={OFFICE}&desk=1", "desk"),
    ):
        for _ in range(5):
            running.call(name, "GET", path, role=role)
        found[name] = min(running.functions.seen[-5:], key=lambda seen: seen.milliseconds)
    return found


def _jobs(running: World) -> dict[str, Invocation]:
    running.visit(VISITS + 1)
    running.workers.tick(everything=True)
    return {seen.function: seen for seen in running.functions.seen if seen.function in FIXED}


if __name__ == "__main__":
    main()
