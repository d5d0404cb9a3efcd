"""Queries through the product's own Athena client, on the catalogue that infra/ deploys, over Parquet in S3."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from chalicelib.adapters.lake.athena_queries import AthenaQueries, QueryFailed, bound_statement
from chalicelib.lake.schemas import TABLES, Kind
from chalicelib.settings import settings
from local.athena import AthenaEndpoint
from local.athena_pruning import partition_ranges
from local.athena_sql import parse, typed
from local.environment import activated

_ARROW = {
    Kind.STRING: pa.string(),
    Kind.STRINGS: pa.list_(pa.string()),
    Kind.INT: pa.int32(),
    Kind.DOUBLE: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIMESTAMP: pa.timestamp("us"),
    Kind.DATE: pa.date32(),
}


@pytest.fixture(scope="module")
def athena(own_embedded, tmp_path_factory):
    endpoint = AthenaEndpoint(
        own_embedded.endpoint, tmp_path_factory.mktemp("athena"), results=own_embedded.outputs["ResultsBucket"]
    )
    endpoint.start()
    with activated({**own_embedded.environment, "AWS_ENDPOINT_URL_ATHENA": endpoint.url}):
        queries = AthenaQueries(
            workgroup=settings().athena_workgroup, database=settings().glue_database, region=settings().region
        )
        yield SimpleNamespace(rows=queries.rows, client=queries._athena, endpoint=endpoint)
    endpoint.stop()


def put(
    own_embedded, table: str, municipality: str, month: str, rows: list[dict], *, without: tuple[str, ...] = ()
) -> str:
    fields = [pa.field(c.name, _ARROW[c.kind]) for c in TABLES[table].columns if c.name not in without]
    full = [{field.name: row.get(field.name) for field in fields} for row in rows]
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(full, schema=pa.schema(fields)), buffer)
    key = f"curated/{table}/municipality={municipality}/month={month}/data.parquet"
    own_embedded.client("s3").put_object(Bucket=own_embedded.outputs["LakeBucket"], Key=key, Body=buffer.getvalue())
    return key


@pytest.fixture
def lake(own_embedded):
    """Two contacts of one month, one of the next, one of another municipality; one was answered."""
    keys = [
        put(
            own_embedded, "contacts", "fjordby", "2026-09", [{"contact_id": "a", "office": "hall"}, {"contact_id": "b"}]
        ),
        put(own_embedded, "contacts", "fjordby", "2026-10", [{"contact_id": "c", "internal": True}]),
        put(own_embedded, "contacts", "sandholm", "2026-09", [{"contact_id": "d", "waiting_seconds": 119}]),
        put(own_embedded, "responses", "fjordby", "2026-09", [{"contact_id": "a", "state": "finished"}]),
    ]
    yield
    for key in keys:
        own_embedded.client("s3").delete_object(Bucket=own_embedded.outputs["LakeBucket"], Key=key)


def test_a_view_on_a_view_is_counted_over_partitions_of_s3(athena, lake):
    statement, parameters = bound_statement("funnel", first="2026-01", last="2026-12", municipalities=["fjordby"])

    rows = athena.rows(statement, parameters)

    assert [(row["month"], row["completed"], row["finished"]) for row in rows] == [("2026-09", "2", "1")]


@pytest.mark.parametrize("name", ["answers", "served", "funnel", "not_invited", "waiting", "comments"])
def test_every_statement_of_the_product_runs(athena, lake, name):
    statement, parameters = bound_statement(
        name, first="2026-09", last="2026-10", municipalities=["fjordby", "sandholm"]
    )

    assert isinstance(athena.rows(statement, parameters), list)


def test_partitions_outside_the_projection_do_not_exist(athena, own_embedded, lake):
    stray = put(own_embedded, "contacts", "unknown", "2026-09", [{"contact_id": "x"}])
    early = put(own_embedded, "contacts", "fjordby", "2019-01", [{"contact_id": "y"}])

    found = {row["contact_id"] for row in athena.rows("SELECT contact_id FROM contacts")}

    for key in (stray, early):
        own_embedded.client("s3").delete_object(Bucket=own_embedded.outputs["LakeBucket"], Key=key)
    assert found == {"a", "b", "c", "d"}


def test_a_changed_object_is_read_anew_and_a_removed_one_is_gone(athena, own_embedded, lake):
    count = "SELECT count(*) AS n FROM contacts WHERE municipality = 'fjordby' AND month = '2026-09'"
    assert athena.rows(count) == [{"n": "2"}]

    key = put(own_embedded, "contacts", "fjordby", "2026-09", [{"contact_id": "a"}])
    assert athena.rows(count) == [{"n": "1"}]
    own_embedded.client("s3").delete_object(Bucket=own_embedded.outputs["LakeBucket"], Key=key)
    assert athena.rows(count) == [{"n": "0"}]


def test_a_column_that_an_older_file_lacks_is_null(athena, own_embedded, lake):
    put(own_embedded, "contacts", "fjordby", "2026-09", [{"contact_id": "old"}], without=("office", "transfers"))

    rows = athena.rows("SELECT contact_id, office, transfers FROM contacts WHERE municipality = 'fjordby'")

    assert {"contact_id": "old", "office": "", "transfers": ""} in rows


def test_only_the_wanted_partitions_are_read(athena, lake):
    def scanned(where: str) -> int:
        started = athena.client.start_query_execution(
            QueryString=f"SELECT count(*) AS n FROM v_contacts_responses {where}",  # noqa: S608 - no stranger's text
            QueryExecutionContext={"Database": settings().glue_database},
            WorkGroup=settings().athena_workgroup,
        )["QueryExecutionId"]
        while True:
            found = athena.client.get_query_execution(QueryExecutionId=started)["QueryExecution"]
            if found["Status"]["State"] == "SUCCEEDED":
                return found["Statistics"]["DataScannedInBytes"]
            assert found["Status"]["State"] in {"QUEUED", "RUNNING"}

    everything = scanned("")
    one = scanned("WHERE municipality = 'sandholm' AND month >= '2026-09' AND month <= '2026-09'")
    nothing = scanned("WHERE month > '2030-01'")

    assert 0 < one < everything / 2
    assert nothing == 0


def test_a_failed_query_says_why_and_ends(athena):
    with pytest.raises(QueryFailed, match="TABLE_NOT_FOUND"):
        athena.rows("SELECT 1 FROM nothing_here")


def test_results_come_in_pages_with_types_too(athena, lake):
    started = athena.client.start_query_execution(
        QueryString="SELECT contact_id, waiting_seconds FROM contacts ORDER BY contact_id",
        QueryExecutionContext={"Database": settings().glue_database},
        WorkGroup=settings().athena_workgroup,
    )["QueryExecutionId"]
    while (
        athena.client.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]["State"] != "SUCCEEDED"
    ):
        pass
    pages = list(
        athena.client.get_paginator("get_query_results").paginate(
            QueryExecutionId=started, PaginationConfig={"PageSize": 2}
        )
    )

    lines = [[item.get("VarCharValue") for item in row["Data"]] for page in pages for row in page["ResultSet"]["Rows"]]
    types = [column["Type"] for column in pages[0]["ResultSet"]["ResultSetMetadata"]["ColumnInfo"]]
    assert lines == [["contact_id", "waiting_seconds"], ["a", None], ["b", None], ["c", None], ["d", "119"]]
    assert types == ["varchar", "integer"]


def test_a_query_that_is_not_known_is_refused(athena):
    with pytest.raises(athena.client.exceptions.InvalidRequestException):
        athena.client.get_query_execution(QueryExecutionId="no-such-query")


SCHEMA = {
    "c": {"id": "varchar", "m": "varchar", "p": "varchar"},
    "i": {"id": "varchar", "m": "varchar", "p": "varchar"},
}
KEYS = {"c": ["m", "p"], "i": ["m", "p"]}


def ranges(sql: str) -> dict:
    found = partition_ranges(typed(parse(sql), SCHEMA), KEYS)
    return {
        (table, key): (sorted(limit.values) if limit.values is not None else None, limit.low, limit.high)
        for table, limits in found.items()
        for key, limit in limits.items()
    }


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT id FROM c WHERE m = 'a'", {("c", "m"): (["a"], None, None)}),
        (
            "SELECT id FROM c WHERE 'a' = m AND p >= '1' AND '3' >= p",
            {("c", "m"): (["a"], None, None), ("c", "p"): (None, "1", "3")},
        ),
        ("SELECT id FROM c WHERE m IN ('a', 'b')", {("c", "m"): (["a", "b"], None, None)}),
        ("SELECT id FROM c WHERE m = 'a' OR p = '1'", {}),
        ("SELECT id FROM c WHERE NOT m = 'a'", {}),
        ("SELECT id FROM c WHERE m <> 'a'", {}),
        ("SELECT id FROM c WHERE upper(m) = 'A'", {}),
        (
            "SELECT c.id FROM c LEFT JOIN i ON c.m = i.m AND c.id = i.id WHERE c.m = 'a'",
            {("c", "m"): (["a"], None, None), ("i", "m"): (["a"], None, None)},
        ),
        ("SELECT c.id FROM c LEFT JOIN i ON c.m = 'a' AND c.id = i.id", {}),
        ("SELECT c.id FROM c RIGHT JOIN i ON c.m = i.m AND c.m = 'a'", {}),
        ("SELECT x.id FROM (SELECT id, m FROM c) AS x WHERE x.m = 'a'", {("c", "m"): (["a"], None, None)}),
        (
            "SELECT x.m, n FROM (SELECT m, count(*) AS n FROM c GROUP BY m) AS x WHERE x.m = 'a'",
            {("c", "m"): (["a"], None, None)},
        ),
        (
            "SELECT x.m FROM (SELECT y.m, count(*) AS n FROM (SELECT c.m FROM c) AS y GROUP BY y.m) AS x WHERE x.m = 'a'",
            {("c", "m"): (["a"], None, None)},
        ),
        ("SELECT x.m FROM (SELECT m FROM c LIMIT 5) AS x WHERE x.m = 'a'", {}),
        ("WITH x AS (SELECT m FROM c) SELECT x.m FROM x WHERE x.m = 'a'", {}),
        ("SELECT id FROM c WHERE m = 'a' AND id IN (SELECT c.id FROM c)", {}),
        ("SELECT id FROM c WHERE m = 'a' UNION ALL SELECT id FROM c WHERE m = 'b'", {}),
        ("SELECT x.m FROM (SELECT upper(m) AS m FROM c) AS x WHERE x.m = 'A'", {}),
        ("SELECT x.r FROM (SELECT m, row_number() OVER (ORDER BY id) AS r FROM c) AS x WHERE x.m = 'a'", None),
    ],
)
def test_pruning_never_leaves_out_a_partition_that_matters(sql, expected):
    found = ranges(sql)

    if expected is None:  # a window sees every row: nothing may be left out
        assert found == {}
    else:
        assert found == expected


def test_the_workgroup_says_where_results_go_and_a_stopped_query_stays_stopped(athena, own_embedded):
    group = athena.client.get_work_group(WorkGroup=settings().athena_workgroup)["WorkGroup"]
    assert group["Configuration"]["ResultConfiguration"]["OutputLocation"].startswith(
        f"s3://{own_embedded.outputs['ResultsBucket']}/"
    )
    started = athena.client.start_query_execution(
        QueryString="SELECT count(*) FROM contacts",
        QueryExecutionContext={"Database": settings().glue_database},
        WorkGroup=settings().athena_workgroup,
    )["QueryExecutionId"]

    athena.client.stop_query_execution(QueryExecutionId=started)

    batch = athena.client.batch_get_query_execution(QueryExecutionIds=[started, "other"])
    assert batch["QueryExecutions"][0]["Status"]["State"] in {"CANCELLED", "SUCCEEDED"}
    assert athena.client.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Query"]


def test_results_of_a_failed_query_are_refused(athena):
    started = athena.client.start_query_execution(QueryString="SELECT 1.0/3", WorkGroup=settings().athena_workgroup)[
        "QueryExecutionId"
    ]
    while athena.client.get_query_execution(QueryExecutionId=started)["QueryExecution"]["Status"]["State"] != "FAILED":
        pass

    with pytest.raises(athena.client.exceptions.InvalidRequestException):
        athena.client.get_query_results(QueryExecutionId=started)
    with pytest.raises(athena.client.exceptions.InvalidRequestException):
        athena.client.list_data_catalogs()
