"""What linters can't know about the templates: that names agree with the code and with what AWS publishes."""

from __future__ import annotations

import base64
import json
import math
import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import duckdb
import pytest
from cfnlint.api import ManualArgs, lint

from chalicelib.adapters import tables as models
from chalicelib.lake.schemas import TABLES, glue_columns, partition_columns
from chalicelib.reporting.model import DIMENSIONS
from chalicelib.reporting.statistics import Proportion, wilson
from chalicelib.settings import Settings
from infra import cfnyaml, deploy
from infra.alarms_template import alarms_template, functions
from infra.lake_template import ViewUnreadable, lake_template, statement_of, view_columns, views

INFRA = Path(deploy.__file__).parent
ROOT = INFRA.parent
REGIONS = ("eu-north-1", "eu-central-1")
TEMPLATES: dict[str, cfnyaml.Template] = {
    **{name: cfnyaml.load(INFRA / f"{name}.yaml") for name in ("account", "data", "quicksight", "static")},
    "lake": lake_template(),
    "alarms": alarms_template(),
}
DATA = TEMPLATES["data"]["Resources"]
ALARMS = {
    name: resource["Properties"]
    for name, resource in TEMPLATES["alarms"]["Resources"].items()
    if resource["Type"] == "AWS::CloudWatch::Alarm"
}
# What AWS publishes, and by which dimensions an alarm can ask for it.
PUBLISHED = {
    ("AWS/ApiGateway", "5XXError"): {"ApiName"},
    ("AWS/ApiGateway", "Latency"): {"ApiName"},
    ("AWS/Lambda", "Errors"): {"FunctionName"},
    ("AWS/Lambda", "Throttles"): {"FunctionName"},
    ("AWS/Lambda", "IteratorAge"): {"FunctionName"},
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
    ("AWS/SNS", "SMSSuccessRate"): {"SMSType", "Country"},
    ("AWS/SNS", "SMSMonthToDateSpentUSD"): set(),
}
# CloudFormation types that the embedded AWS refuses; they stand in templates that it never gets.
NOT_EMBEDDED = {"AWS::QuickSight::DataSource", "AWS::QuickSight::DataSet", "AWS::QuickSight::Dashboard"}


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_cfn_lint_finds_nothing(name: str) -> None:
    assert findings(TEMPLATES[name]) == []


def test_the_tables_are_those_of_the_models() -> None:
    wanted = {model.Meta.suffix: model for model in vars(models).values() if _is_model(model)}
    found = {
        resource["Properties"]["TableName"]["Fn::Sub"].removeprefix("${Prefix}-"): resource
        for resource in DATA.values()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }
    assert set(found) == set(wanted)
    for resource in found.values():
        properties = resource["Properties"]
        assert [key["AttributeName"] for key in properties["KeySchema"]] == ["pk", "sk"]
        assert properties["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}
        assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert properties["DeletionProtectionEnabled"] == {"Fn::If": ["Production", True, False]}
        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"
    streams = {name for name, resource in found.items() if "StreamSpecification" in resource["Properties"]}
    assert streams == {"contacts", "invitations", "responses"}


def findings(template: cfnyaml.Template) -> list[str]:
    """What cfn-lint says about a template in either region."""
    matches = lint(json.dumps(template), config=ManualArgs(regions=list(REGIONS)))
    return [f"{match.rule.id} {match.message}" for match in matches]


def _is_model(candidate: Any) -> bool:
    return isinstance(candidate, type) and issubclass(candidate, models.Table) and candidate is not models.Table


@pytest.mark.parametrize("name", [name for name, item in DATA.items() if item["Type"] == "AWS::S3::Bucket"])
def test_no_bucket_is_public_and_each_wants_tls(name: str) -> None:
    properties = DATA[name]["Properties"]
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    policy = DATA[f"{name}Policy"]["Properties"]
    assert policy["Bucket"] == {"Ref": name}
    assert any(
        statement["Effect"] == "Deny" and statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        for statement in policy["PolicyDocument"]["Statement"]
    )


def test_functions_get_every_variable_that_the_settings_read() -> None:
    app = cfnyaml.load(INFRA / "app.yaml")
    given = set(app["Globals"]["Function"]["Environment"]["Variables"])
    read = set(
        re.findall(
            r'_(?:variable|choice|optional)\("(\w+)"', (ROOT / "chalicelib/settings.py").read_text(encoding="utf-8")
        )
    )
    assert len(read) == len(fields(Settings))
    assert read - given == {"AWS_REGION"}, "Lambda itself sets the region"
    assert read == {*deploy.VARIABLES, *deploy.VARIABLES_WITH_DEFAULT}


@pytest.mark.parametrize("table", sorted(TABLES))
def test_a_projected_table_finds_its_files(table: str) -> None:
    resource = next(
        item["Properties"]["TableInput"]
        for item in TEMPLATES["lake"]["Resources"].values()
        if item["Type"] == "AWS::Glue::Table" and item["Properties"]["TableInput"]["Name"] == table
    )
    assert resource["StorageDescriptor"]["Columns"] == glue_columns(table)
    place = resource["Parameters"]["storage.location.template"]["Fn::Sub"]
    for key in partition_columns(table):
        assert f"{key['Name']}=${{!{key['Name']}}}/" in place
        assert f"projection.{key['Name']}.type" in resource["Parameters"]


def test_every_view_is_a_glue_view_with_its_own_sql() -> None:
    found = {
        item["Properties"]["TableInput"]["Name"]: item["Properties"]["TableInput"]
        for item in TEMPLATES["lake"]["Resources"].values()
        if item["Type"] == "AWS::Glue::Table" and item["Properties"]["TableInput"]["TableType"] == "VIRTUAL_VIEW"
    }
    assert set(found) == set(views())
    for name, table in found.items():
        _, encoded, _ = table["ViewOriginalText"]["Fn::Join"][1]
        text = encoded["Fn::Base64"]["Fn::Sub"].replace("${!", "${").replace("${GlueDatabase}", "lake")
        document = json.loads(base64.b64decode(base64.b64encode(text.encode())))
        assert document["originalSql"] == views()[name]
        assert [column["name"] for column in document["columns"]] == [
            column["Name"] for column in table["StorageDescriptor"]["Columns"]
        ]


def test_a_view_with_a_column_of_unknown_type_is_refused() -> None:
    with pytest.raises(ViewUnreadable, match="'guess'"):
        view_columns("v_x", "SELECT unheard_of(n) AS guess FROM t", {"t": {"n": "int"}})


def test_headers_and_semicolons_are_no_part_of_a_view() -> None:
    text = "-- name: v_x\n\n-- owner: me\nCREATE OR REPLACE VIEW v_x AS\nSELECT 1 AS one;\n"
    assert statement_of(text) == "SELECT 1 AS one"


def test_yaml_with_a_key_twice_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "twice.yaml"
    path.write_text("Parameters:\n  A: 1\n  A: 2\n", encoding="utf-8")
    with pytest.raises(ValueError, match="'A' stands twice"):
        cfnyaml.load(path)


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_watches_a_metric_that_exists(name: str) -> None:
    alarm = ALARMS[name]
    metric, dimensions = alarm["MetricName"], {item["Name"] for item in alarm.get("Dimensions", [])}
    if alarm["Namespace"] == "Borgerpuls":
        sources = (ROOT / "chalicelib/entrypoints").rglob("*.py")
        assert any(f'"{metric}"' in source.read_text(encoding="utf-8") for source in sources), "nobody counts it"
        assert dimensions == {"service"}
    else:
        assert PUBLISHED[alarm["Namespace"], metric] == dimensions
    assert alarm["Period"] * alarm["EvaluationPeriods"] <= (604_800 if alarm["Period"] >= 3600 else 86_400)


@pytest.mark.parametrize("name", sorted(ALARMS))
def test_an_alarm_says_what_to_do_and_what_silence_means(name: str) -> None:
    alarm = ALARMS[name]
    urgency, _, rest = alarm["AlarmDescription"].partition(": ")
    assert alarm["AlarmActions"] == [{"Ref": {"PAGE": "PageTopicArn", "TICKET": "TicketTopicArn"}[urgency]}]
    assert alarm["TreatMissingData"] in {"breaching", "ignore", "notBreaching"}
    section = re.search(r"docs/runbook\.md#([a-z-]+)$", rest)
    assert section
    assert f'<a id="{section[1]}"></a>' in (ROOT / "docs/runbook.md").read_text(encoding="utf-8")


def test_every_function_has_its_alarms() -> None:
    for function in functions():
        assert {f"{function}Errors", f"{function}Throttles"} <= set(ALARMS)
    assert {f"{function}StreamAge" for function in functions(streams=True)} <= set(ALARMS)
    assert sum(alarm["AlarmDescription"].startswith("PAGE") for alarm in ALARMS.values()) <= 8, "few things wake people"


def test_the_dashboard_is_json_on_the_grid() -> None:
    body = TEMPLATES["alarms"]["Resources"]["Dashboard"]["Properties"]["DashboardBody"]["Fn::Sub"]
    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "x", body))["widgets"]
    assert all(widget["x"] + widget["width"] <= 24 for widget in widgets)


def test_what_the_embedded_aws_cannot_run_stands_apart() -> None:
    elsewhere = {"account", "static", "quicksight"}
    assert set(deploy.AWS) - set(deploy.EMBEDDED) == elsewhere
    used = {name: {item["Type"] for item in template["Resources"].values()} for name, template in TEMPLATES.items()}
    assert used["quicksight"] >= NOT_EMBEDDED
    for name in set(used) - elsewhere:
        assert not used[name] & NOT_EMBEDDED, name


QUICKSIGHT = TEMPLATES["quicksight"]["Resources"]
GLUE_TO_QUICKSIGHT = {"string": "STRING", "int": "INTEGER", "double": "DECIMAL"}


def test_quicksight_knows_the_cells_columns_and_no_other() -> None:
    columns = [*glue_columns("report_cells"), *partition_columns("report_cells")]
    physical = QUICKSIGHT["Cells"]["Properties"]["PhysicalTableMap"]["cells"]["RelationalTable"]
    assert physical["InputColumns"] == [
        {"Name": column["Name"], "Type": GLUE_TO_QUICKSIGHT[column["Type"]]} for column in columns
    ]
    known = {column["Name"] for column in columns} | set(_formulas())
    assert set(re.findall(r"'ColumnName': '([^']+)'", str(QUICKSIGHT["Dashboard"]))) <= known


def test_quicksight_offers_the_dimensions_of_the_reports_and_no_other() -> None:
    """Not `all` and not the funnel: both would stand among groups as if they were one."""
    definition = QUICKSIGHT["Dashboard"]["Properties"]["Definition"]
    offered = [found for found in re.findall(r"'SelectableValues': \{'Values': \[([^]]*)\]", str(definition)) if found]
    assert len(offered) == 2
    assert {tuple(re.findall(r"'(\w+)'", found)) for found in offered} == {DIMENSIONS}


@pytest.mark.requirement("FR-17")
def test_readers_see_only_their_municipalitys_rows() -> None:
    rules = QUICKSIGHT["Rules"]["Properties"]
    assert rules["UseAs"] == "RLS_RULES"
    assert QUICKSIGHT["Cells"]["Properties"]["RowLevelPermissionDataSet"]["Arn"] == {"Fn::GetAtt": ["Rules", "Arn"]}
    query, _ = rules["PhysicalTableMap"]["rules"]["CustomSql"]["SqlQuery"]["Fn::Sub"]
    assert "concat('${Prefix}-', name) AS \"GroupName\", name AS municipality" in query


def test_every_visual_speaks_to_those_who_cannot_see_it_and_has_a_tile() -> None:
    sheet = QUICKSIGHT["Dashboard"]["Properties"]["Definition"]["Sheets"][0]
    visuals = [next(iter(visual.values())) for visual in sheet["Visuals"]]
    assert all(visual["VisualContentAltText"] for visual in visuals)
    tiles = sheet["Layouts"][0]["Configuration"]["GridLayout"]["Elements"]
    assert {tile["ElementId"] for tile in tiles} == {visual["VisualId"] for visual in visuals}
    cells = [(row, column) for tile in tiles for row, column in _covered(tile)]
    assert len(cells) == len(set(cells)), "tiles overlap"
    assert max(column for _, column in cells) < 36


def _covered(tile: dict[str, Any]) -> list[tuple[int, int]]:
    rows = range(tile["RowIndex"], tile["RowIndex"] + tile["RowSpan"])
    columns = range(tile["ColumnIndex"], tile["ColumnIndex"] + tile["ColumnSpan"])
    return [(row, column) for row in rows for column in columns]


@pytest.mark.requirement("GL-12")
@pytest.mark.parametrize("months", [[(1, 5)], [(3, 9), (40, 41)], [(0, 30)], [(17, 17), (2, 100)]])
def test_quicksights_formulas_are_those_of_the_reports(months: list[tuple[int, int]]) -> None:
    rows = ", ".join(f"({count}, {n})" for count, n in months)
    chosen = ", ".join(f'{formula} AS "{name}"' for name, formula in _formulas().items())
    share, low, high = duckdb.sql(f"SELECT {chosen} FROM (VALUES {rows}) AS cells (count, n)").fetchall()[0]  # noqa: S608
    whole = Proportion(sum(count for count, _ in months), sum(n for _, n in months))
    interval = wilson(whole)
    assert math.isclose(share, whole.count / whole.n)
    assert math.isclose(low, interval.low, abs_tol=1e-9)
    assert math.isclose(high, interval.high, abs_tol=1e-9)


def test_quicksights_formulas_say_nothing_of_a_handful() -> None:
    for formula in _formulas().values():
        found = duckdb.sql(f"SELECT {formula} FROM (VALUES (2, 4)) AS cells (count, n)")  # noqa: S608
        assert found.fetchall() == [(None,)]


def _formulas() -> dict[str, str]:
    """Name → formula, in DuckDB's words."""
    calculated = QUICKSIGHT["Dashboard"]["Properties"]["Definition"]["CalculatedFields"]
    found = {}
    for field in calculated:
        text = (
            field["Expression"]["Fn::Sub"]
            .replace("${SuppressBelow}", "5")
            .replace("{", "")
            .replace("}", "")
            .replace("1.0 *", "1e0 *")
        )
        condition, then, otherwise = re.fullmatch(r"ifelse\((.*?), (.*), (NULL)\)", text).groups()  # type: ignore[union-attr]
        found[field["Name"]] = f"CASE WHEN {condition} THEN {then} ELSE {otherwise} END"
    return found
