"""The lake's tables as code: the one truth for landed lines, Parquet files, Glue tables and the tests of the SQL.

Everything else is derived from `TABLES`: infra makes the Glue tables from `glue_columns(table)` and
`partition_columns(table)` (projection: `municipality` enum, the second key a `date` of format `yyyy-MM`), compaction
its Parquet types from `arrow_types(table)`, landing its whitelist from `checked_row(table, row)`.

Evolution is additive: a new column gets the next `since` of its table and is null in older files; none is ever renamed,
retyped or removed (a test reads old files). Times are UTC without an offset in Parquet, RFC 3339 with `Z` in lines.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from chalicelib.lake.columns import Column, Kind, RowRejected, Table, fits

if TYPE_CHECKING:
    from collections.abc import Mapping

_ID = Column(
    "contact_id", Kind.STRING, "The opaque key that joins contact, invitation and response (SK-05)", required=True
)
_CONTACT_ENDED = Column(
    "contact_ended_at", Kind.TIMESTAMP, "End of the contact, UTC; its local month is the partition", required=True
)
_LANGUAGE = Column("language", Kind.STRING, "Language tag, such as da")

_TOLD: Final = (
    Column("channel", Kind.STRING, "The contact's channel, as known or told; the contact's own fact wins", since=2),
    Column("department", Kind.STRING, "The contact's department, likewise", since=2),
    Column("office", Kind.STRING, "The contact's office, or the one whose kiosk or code was used", since=2),
    Column("reason", Kind.STRING, "The contact's first enquiry reason, where known", since=2),
    Column("sub_department", Kind.STRING, "The contact's sub-department, where it has one (GL-15)", since=3),
)
"""A response need not belong to a contact of ours (ADR 23): what is known of its contact stands with it."""

CONTACTS: Final = Table(
    name="contacts",
    grain="one completed contact of any channel",
    key=("contact_id",),
    columns=(
        _ID,
        Column("channel", Kind.STRING, "in_person, phone, e_mail, … (SK-30)", required=True),
        Column("department", Kind.STRING, "Department that owns the enquiry reason"),
        Column("office", Kind.STRING, "Office; null where the channel has none"),
        Column("desk_group", Kind.STRING, "Desk group within the office"),
        Column("reason", Kind.STRING, "First enquiry reason (SK-07)"),
        Column("reasons", Kind.STRINGS, "All enquiry reasons, in the order given"),
        Column("origin", Kind.STRING, "web, kiosk, desk, phone or system (SK-01, FR-16)"),
        _LANGUAGE,
        Column("arrived_at", Kind.TIMESTAMP, "Check-in, or start of the call, UTC"),
        Column("called_at", Kind.TIMESTAMP, "Called to the desk, UTC"),
        Column("served_at", Kind.TIMESTAMP, "Start of service, UTC"),
        Column("ended_at", Kind.TIMESTAMP, "End of service, UTC", required=True),
        Column("booked_start", Kind.TIMESTAMP, "Start of the booked time, UTC; null for walk-ins"),
        Column("booked_at", Kind.TIMESTAMP, "When the time was booked, UTC"),
        Column("waiting_seconds", Kind.INT, "Check-in to call (SK-06)"),
        Column("service_seconds", Kind.INT, "Start of service to end (SK-08)"),
        Column("consent_offered", Kind.BOOLEAN, "The survey question was asked (SK-11)"),
        Column("consent_granted", Kind.BOOLEAN, "The citizen said yes (SK-02)"),
        Column("consent_text_version", Kind.STRING, "Version of the wording that was shown (SK-02)"),
        Column("internal", Kind.BOOLEAN, "A colleague, not a citizen"),
        Column("resolved_first_contact", Kind.BOOLEAN, "Solved at the first contact"),
        Column("transfers", Kind.INT, "How often the contact was passed on"),
        Column("local_date", Kind.DATE, "Danish date of the contact's end"),
        Column("local_hour", Kind.INT, "Danish hour of arrival, 0 to 23"),
        Column("local_weekday", Kind.INT, "ISO weekday of arrival, Monday 1"),
        Column("ending", Kind.STRING, "served, no_show, unclosed or at_door", since=2),
        Column("next_step_given", Kind.BOOLEAN, "The citizen was told what happens next (GL-70)", since=2),
        Column("handed_over", Kind.BOOLEAN, "An assistant or self-service passed on to a person (GE-14)", since=2),
        Column("outage", Kind.BOOLEAN, "Something that it needed was down (BF-14)", since=2),
        Column("system", Kind.STRING, "The system that reported it; null for visits", since=2),
        Column("waiting_from", Kind.STRING, "check_in, booked_time or staff_check_in: where waiting begins", since=2),
        Column("checked_in_at", Kind.STRING, "kiosk, desk or web: where the citizen reported (GL-64)", since=2),
        Column("sub_department", Kind.STRING, "Part of the department that owns the reason (GL-15)", since=3),
        Column("outside_hours", Kind.BOOLEAN, "Began when nobody answers; null where no hours are known", since=4),
    ),
)

BOOKINGS: Final = Table(
    name="bookings",
    grain="one appointment whose day is over, whatever became of it, in the month of its time",
    key=("contact_id",),
    columns=(
        Column("contact_id", Kind.STRING, "The appointment's opaque key, and that of its contact", required=True),
        Column("outcome", Kind.STRING, "served, no_show, cancelled, unclosed or sent_on; null: not known, as by phone"),
        Column("office", Kind.STRING, "Office", required=True),
        Column("desk_group", Kind.STRING, "Desk group within the office"),
        Column("reason", Kind.STRING, "First enquiry reason (SK-07)"),
        Column("reasons", Kind.STRINGS, "All enquiry reasons, in the order given"),
        Column("origin", Kind.STRING, "web, kiosk, desk or phone: where it was booked (FR-16)"),
        Column("assisted", Kind.BOOLEAN, "Staff booked for the citizen: desk or phone (GL-67)"),
        _LANGUAGE,
        Column("persons", Kind.INT, "How many come together"),
        Column("meeting", Kind.STRING, "in_person, phone or video"),
        Column("booked_at", Kind.TIMESTAMP, "When it was booked, UTC", required=True),
        Column("booked_start", Kind.TIMESTAMP, "The booked time, after the last move, UTC", required=True),
        Column("lead_seconds", Kind.INT, "From the booking to the booked time (SK-25)"),
        Column("alternatives_seen", Kind.BOOLEAN, "Another way was offered, and declined (FR-12)"),
        Column("want_earlier", Kind.BOOLEAN, "Asked to be told of an earlier time; false once cancelled"),
        Column("moves", Kind.INT, "How often its time was changed"),
        Column("cancelled_at", Kind.TIMESTAMP, "When it was cancelled, UTC"),
        Column("consent_offered", Kind.BOOLEAN, "The survey question was asked with the booking (SK-11)"),
        Column("consent_granted", Kind.BOOLEAN, "The citizen said yes (SK-02)"),
        Column("local_date", Kind.DATE, "Danish date of the booked time"),
        Column("local_hour", Kind.INT, "Its Danish hour, 0 to 23"),
        Column("local_weekday", Kind.INT, "Its ISO weekday, Monday 1"),
    ),
)

INVITATIONS: Final = Table(
    name="invitations",
    grain="one contact that was decided about, invited or not",
    key=("contact_id",),
    columns=(
        _ID,
        Column("state", Kind.STRING, "Where the invitation stands", required=True),
        Column("not_invited_reason", Kind.STRING, "Why nobody was asked"),
        Column("decided_at", Kind.TIMESTAMP, "UTC"),
        Column("send_at", Kind.TIMESTAMP, "When it was to be sent, UTC"),
        Column("sent_at", Kind.TIMESTAMP, "Accepted by the SMS service, UTC"),
        Column("delivered_at", Kind.TIMESTAMP, "Confirmed by the carrier, UTC"),
        Column("failure", Kind.STRING, "The carrier's reason"),
        Column("parts", Kind.INT, "SMS segments"),
        _LANGUAGE,
        _CONTACT_ENDED,
        Column("reminder_planned_at", Kind.TIMESTAMP, "When the one reminder was to be sent, UTC", since=2),
        Column("no_reminder_reason", Kind.STRING, "Why there was none, where one was decided about", since=2),
    ),
)

RESPONSES: Final = Table(
    name="responses",
    grain="one questionnaire that was opened",
    key=("contact_id",),
    columns=(
        _ID,
        Column("state", Kind.STRING, "started or finished", required=True),
        Column("questionnaire", Kind.STRING, "Questionnaire", required=True),
        Column("questionnaire_version", Kind.STRING, "Version of the questionnaire"),
        Column("mode", Kind.STRING, "sms_link, phone, face_to_face, kiosk, qr or open_link (GL-04)"),
        _LANGUAGE,
        Column("started_at", Kind.TIMESTAMP, "First answer saved, UTC"),
        Column("finished_at", Kind.TIMESTAMP, "Finished, UTC"),
        Column("answered", Kind.INT, "Questions answered"),
        Column("has_comment", Kind.BOOLEAN, "A comment was written"),
        _CONTACT_ENDED,
        *_TOLD,
        Column("place", Kind.STRING, "Where an interview was held (GL-05)", since=2),
        Column("interviewer", Kind.STRING, "The interviewer's code, never a name", since=2),
        Column("eligible", Kind.BOOLEAN, "What the screening said; null where there is none (GL-03)", since=2),
        Column("stopped_at", Kind.STRING, "The question that came next, while unfinished: drop-off", since=2),
        Column("seconds", Kind.INT, "Time on all questions together, to 5 seconds each", since=2),
    ),
)

ANSWERS: Final = Table(
    name="answers",
    grain="one answer (multiple choice: one chosen option) of a finished response; no free text",
    key=("contact_id", "question", "value"),
    columns=(
        _ID,
        Column("questionnaire", Kind.STRING, "Questionnaire", required=True),
        Column("question", Kind.STRING, "Question", required=True),
        Column("question_version", Kind.STRING, "Version of the question's wording and scale"),
        Column("value", Kind.STRING, "The number, the option's id or dont_know", required=True),
        Column("value_number", Kind.DOUBLE, "The number, for numeric scales"),
        Column("mode", Kind.STRING, "How it was asked"),
        _LANGUAGE,
        Column("finished_at", Kind.TIMESTAMP, "UTC"),
        _CONTACT_ENDED,
        *_TOLD,
        Column("seconds", Kind.INT, "Time on the question, to 5 seconds; null where no screen told it", since=2),
    ),
)

COMMENTS: Final = Table(
    name="comments",
    grain="one comment of a finished response, redacted before it was stored; access is stricter",
    key=("contact_id", "question"),
    columns=(
        _ID,
        Column("question", Kind.STRING, "Question", required=True),
        Column("text", Kind.STRING, "The redacted comment", required=True),
        _LANGUAGE,
        Column("finished_at", Kind.TIMESTAMP, "UTC"),
        _CONTACT_ENDED,
        *_TOLD,
        Column("mode", Kind.STRING, "How it was asked", since=2),
        Column("nominees", Kind.STRINGS, "Keys of colleagues named, who have opted in to the vote (BF-13)", since=2),
        Column("may_be_quoted", Kind.BOOLEAN, "Its writer agrees to be quoted; null: not asked (SK-02)", since=3),
        Column("comment_key", Kind.STRING, "Keyed name of what one respondent wrote, for marks on it (SK-21)", since=4),
    ),
)

REPORT_CELLS: Final = Table(
    name="report_cells",
    grain="one published figure of a period, already suppressed (design 4.7)",
    key=("dimension", "value", "question", "measure"),
    subject=None,
    partitions=("municipality", "period"),
    columns=(
        Column("dimension", Kind.STRING, "all, office, reason, channel, …", required=True),
        Column("value", Kind.STRING, "The group within the dimension", required=True),
        Column("question", Kind.STRING, "Question, or empty for operational measures"),
        Column("measure", Kind.STRING, "What the figure is", required=True),
        Column("count", Kind.INT, "Favourable answers; null when suppressed"),
        Column("n", Kind.INT, "Everyone who answered; null when suppressed"),
        Column("share", Kind.DOUBLE, "count / n; null when suppressed"),
        Column("mean", Kind.DOUBLE, "Mean of a numeric scale; null when suppressed"),
        Column("ci_low", Kind.DOUBLE, "95 % interval, lower end"),
        Column("ci_high", Kind.DOUBLE, "95 % interval, upper end"),
        Column("base_status", Kind.STRING, "ok, small or suppressed (GL-51, GL-52)", required=True),
        Column("label", Kind.STRING, "The group's name in Danish"),
    ),
)

TABLES: Final[Mapping[str, Table]] = MappingProxyType(
    {table.name: table for table in (CONTACTS, BOOKINGS, INVITATIONS, RESPONSES, ANSWERS, COMMENTS, REPORT_CELLS)}
)
LANDED: Final = tuple(table.name for table in TABLES.values() if table.subject)
VERSIONS: Final[Mapping[str, int]] = MappingProxyType(
    {table.name: max(column.since for column in table.columns) for table in TABLES.values()}
)

_ARROW: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.STRING: "string",
        Kind.STRINGS: "list<string>",
        Kind.INT: "int32",
        Kind.DOUBLE: "double",
        Kind.BOOLEAN: "bool",
        Kind.TIMESTAMP: "timestamp[ms]",
        Kind.DATE: "date32",
    }
)
_PANDAS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.STRING: "string",
        Kind.STRINGS: "object",
        Kind.INT: "Int32",
        Kind.DOUBLE: "Float64",
        Kind.BOOLEAN: "boolean",
        Kind.TIMESTAMP: "datetime64[ms]",
        Kind.DATE: "object",
    }
)


def glue_columns(table: str) -> list[dict[str, str]]:
    """`Columns` of a Glue table's storage descriptor, comments included (partition keys: `partition_columns`)."""
    return [
        {"Name": column.name, "Type": str(column.kind), "Comment": column.comment} for column in TABLES[table].columns
    ]


def partition_columns(table: str) -> list[dict[str, str]]:
    """`PartitionKeys` of a Glue table, outermost first; both are strings."""
    return [{"Name": name, "Type": "string"} for name in TABLES[table].partitions]


def arrow_types(table: str) -> dict[str, str]:
    """Column → Arrow type by its alias (`list<string>` is the only one that `pyarrow.type_for_alias` does not know)."""
    return {column.name: _ARROW[column.kind] for column in TABLES[table].columns}


def pandas_types(table: str) -> dict[str, str]:
    """Column → pandas dtype, all of them able to hold nulls."""
    return {column.name: _PANDAS[column.kind] for column in TABLES[table].columns}


def checked_row(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row with every column of the table, in the table's order, nulls where it had nothing.

    Raises:
        RowRejected: an unknown column (nothing slips into the lake that no schema names), a missing required one or a
            value of another type.
    """
    definition = TABLES[table]
    for name in row:
        if definition.column(name) is None:
            raise RowRejected(table, name if name.isidentifier() else "?", "unknown column")
    return {column.name: _checked(table, column, row.get(column.name)) for column in definition.columns}


def known_columns(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's values of columns that the table has: how a line of a newer or older version is read."""
    names = {column.name for column in TABLES[table].columns}
    return {name: value for name, value in row.items() if name in names}


def _checked(table: str, column: Column, value: Any) -> Any:
    if value is None:
        if column.required:
            raise RowRejected(table, column.name, "missing")
        return None
    if not fits(column.kind, value):
        raise RowRejected(table, column.name, f"not {column.kind}")
    return value
