"""The package as Lambda gets it: what is in the zips, what the template says, what a cold start loads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jinja2 import ModuleLoader

from infra import dependencies, prune
from infra.alarms_template import functions
from infra.deploy import VARIABLES
from infra.package import LAYER_BYTES, LIMIT_BYTES
from tests.infra.test_templates import findings
from tests.packages import packaged

if TYPE_CHECKING:
    from infra.package import Package

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = "AWS::Serverless::Function"
# The only rights that have no resource level in IAM: publishing to a phone number, listing streams.
WITHOUT_RESOURCE = {"sns:Publish", "dynamodb:ListStreams"}


@pytest.fixture(scope="module")
def package() -> Package:
    return packaged("test")


@pytest.fixture(scope="module")
def template(package: Package) -> dict[str, Any]:
    return json.loads(package.template.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def names(package: Package) -> set[str]:
    return set(zipfile.ZipFile(package.deployment).namelist())


def test_requirements_txt_is_what_pyproject_and_lock_say() -> None:
    assert dependencies.REQUIREMENTS.read_text(encoding="utf-8") == dependencies.requirements()


def test_importing_the_application_loads_nothing_heavy() -> None:
    """In a fresh interpreter, as a cold start does; API and worker alike."""
    heavy = (
        "awswrangler",
        "boto3",
        "botocore.session",
        "numpy",
        "pandas",
        "phonenumbers",
        "pyarrow",
        "pydantic",
        "pynamodb",
    )
    question = f"import sys, app; print([name for name in {heavy!r} if name in sys.modules])"
    for worker in ("0", "1"):
        done = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True,
            env={"BORGERPULS_WORKER": worker},
        )  # fmt: skip
        assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("worker", ["0", "1"])
def test_in_lambda_the_client_is_made_while_the_function_starts(worker: str) -> None:
    question = "import app; from chalicelib.adapters import tables; print(tables.bound.cache_info().currsize)"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**dict.fromkeys(VARIABLES, "x"), "SMS_PROVIDER": "sns", "SMS_MODE": "live", "AWS_REGION": "eu-north-1",
             "BORGERPULS_WORKER": worker, "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand"},
    )  # fmt: skip
    assert done.stdout.strip() == "1"


def test_a_worker_loads_nothing_of_the_pages() -> None:
    events = ", ".join(f"chalicelib.entrypoints.events.{name}" for name in ("dispatch", "lake", "sweep", "reconcile"))
    question = f"import sys, app, {events}; print([name for name in ('jinja2', 'jwt', 'segno') if name in sys.modules])"
    done = subprocess.run(  # noqa: S603 - our own interpreter
        [sys.executable, "-c", question], cwd=ROOT, capture_output=True, text=True, check=True,
        env={"BORGERPULS_WORKER": "1"},
    )  # fmt: skip
    assert done.stdout.strip() == "[]"


def test_the_zip_holds_the_product_and_nothing_of_the_workshop(names: set[str]) -> None:
    top = {name.split("/")[0] for name in names}
    assert {"app.py", "chalice", "chalicelib"} <= top
    assert not top & {"bench", "cli", "demo", "docs", "infra", "local", "pip", "pydantic", "setuptools", "tests"}
    assert not any("/tests/" in name or "/local/" in name for name in names)
    assert not any(
        "local" in name.split("/") or name.endswith((".po", ".yaml")) for name in names if "chalicelib" in name
    )
    wanted = ("web/static/app/app.css", "surveys/questionnaires/skive.json")
    assert {f"chalicelib/{path}" for path in wanted} <= names


def test_pages_come_compiled_so_that_no_citizen_waits_for_that(names: set[str]) -> None:
    folder = ROOT / "chalicelib" / "web" / "templates"
    templates = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    modules = {f"chalicelib/web/compiled/{ModuleLoader.get_module_filename(name)}" for name in templates}
    assert {name for name in names if name.startswith("chalicelib/web/compiled/") and name.endswith(".py")} == modules
    assert not any(name.startswith("chalicelib/web/templates/") for name in names)


def test_no_route_of_the_package_is_a_local_one(template: dict[str, Any]) -> None:
    paths = template["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
    assert "/health" in paths
    assert not [path for path in paths if path.startswith(("/local", "/static"))]


def test_translations_are_compiled(names: set[str]) -> None:
    sources = ROOT.glob("chalicelib/web/translations/*/*.po")
    wanted = {path.relative_to(ROOT).with_suffix(".mo").as_posix() for path in sources}
    assert wanted
    assert wanted <= names


def test_every_module_carries_bytecode_that_a_zip_cannot_invalidate(package: Package, template: dict[str, Any]) -> None:
    tag = template["Resources"]["APIHandler"]["Properties"]["Runtime"].replace("python3.", "cpython-3")
    with zipfile.ZipFile(package.deployment) as archive:
        names = set(archive.namelist())
        modules = [name for name in names if name.endswith(".py")]
        for module in modules:
            folder, _, stem = module.removesuffix(".py").rpartition("/")
            compiled = f"{folder}/__pycache__/{stem}.{tag}.pyc".lstrip("/")
            assert compiled in names, module
            flags = int.from_bytes(archive.read(compiled)[4:8], "little")
            assert flags == 0b01, f"{compiled} is checked against its source"


def test_botocore_knows_the_services_that_are_called_and_no_other(names: set[str]) -> None:
    kept = {name.split("/")[2] for name in names if name.startswith("botocore/data/") and name.count("/") > 2}
    assert kept == prune.SERVICES
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("chalicelib/**/*.py"))
    called = set(re.findall(r'(?:client|resource)\(\s*"([a-z0-9-]+)"', code)) | {"dynamodb"}
    assert called <= prune.SERVICES


def test_sizes_leave_room_for_the_layer(package: Package) -> None:
    sizes = {
        archive.name: sum(item.file_size for item in zipfile.ZipFile(archive).infolist())
        for archive in (package.deployment, package.analytics)
    }
    assert sizes["deployment.zip"] < 60 * 1024 * 1024
    assert sizes["analytics.zip"] + LAYER_BYTES < LIMIT_BYTES
    assert package.deployment.stat().st_size < 20 * 1024 * 1024


def test_the_zip_is_the_same_for_the_same_files(package: Package) -> None:
    entries = zipfile.ZipFile(package.deployment).infolist()
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_cfn_lint_finds_nothing_in_the_packaged_template(template: dict[str, Any]) -> None:
    assert findings(template) == []


def test_handlers_are_those_of_app_py_so_that_middleware_runs(template: dict[str, Any]) -> None:
    found = {
        name: resource["Properties"] for name, resource in template["Resources"].items() if resource["Type"] == FUNCTION
    }
    assert set(found) == set(functions())
    for name, properties in found.items():
        assert properties["Handler"].startswith("app."), name
        assert properties["Runtime"] in {"python3.12", "python3.13"}
        assert properties["Tracing"] == "Disabled", "traces would keep paths, and paths hold tokens"
        assert properties["FunctionName"] == {"Fn::Sub": f"${{Prefix}}-{functions()[name]}"}
        assert "ARN" not in str(properties["Role"])
        worker = properties.get("Environment", {}).get("Variables", {}).get("BORGERPULS_WORKER")
        assert worker == (None if name == "APIHandler" else "1")


def test_streams_retry_parts_of_a_batch_and_end_in_a_queue(template: dict[str, Any]) -> None:
    streams = functions(streams=True)
    assert len(streams) == 4
    for name in streams:
        (event,) = template["Resources"][name]["Properties"]["Events"].values()
        source = event["Properties"]
        assert source["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert source["BisectBatchOnFunctionError"] is True
        assert source["MaximumRetryAttempts"] == 8
        assert source["MaximumRecordAgeInSeconds"] == 21_600
        assert source["DestinationConfig"]["OnFailure"]["Destination"] == {"Ref": "StreamFailureQueueArn"}
        assert source["StartingPosition"] == "TRIM_HORIZON"
        patterns = [json.loads(item["Pattern"]) for item in source["FilterCriteria"]["Filters"]]
        assert all("REMOVE" not in pattern["eventName"] for pattern in patterns), "expiry is no event"
    (queue,) = template["Resources"]["SendInvitation"]["Properties"]["Events"].values()
    assert queue["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert queue["Properties"]["ScalingConfig"] == {"MaximumConcurrency": 5}


def test_at_most_two_functions_read_a_stream(template: dict[str, Any]) -> None:
    read = [
        next(iter(template["Resources"][name]["Properties"]["Events"].values()))["Properties"]["Stream"]["Ref"]
        for name in functions(streams=True)
    ]
    assert max(read.count(stream) for stream in read) <= 2


def test_the_queue_hides_a_message_six_times_as_long_as_its_function_may_run(template: dict[str, Any]) -> None:
    from tests.infra.test_templates import DATA

    timeout = template["Resources"]["SendInvitation"]["Properties"]["Timeout"]
    assert DATA["SendQueue"]["Properties"]["VisibilityTimeout"] >= 6 * timeout


def test_access_logs_hold_route_templates_and_no_caller(template: dict[str, Any]) -> None:
    properties = template["Resources"]["RestAPI"]["Properties"]
    logged = set(re.findall(r"\$context\.[A-Za-z.]+", properties["AccessLogSetting"]["Format"]))
    assert "$context.resourcePath" in logged
    assert not logged & {"$context.path", "$context.identity.sourceIp", "$context.identity.userAgent"}
    assert all(setting["DataTraceEnabled"] is False for setting in properties["MethodSettings"])
    assert properties["TracingEnabled"] is False
    assert properties["OpenApiVersion"] == "2.0", "or SAM adds a second, unprotected stage"


def test_throttled_routes_exist(template: dict[str, Any]) -> None:
    properties = template["Resources"]["RestAPI"]["Properties"]
    paths = properties["DefinitionBody"]["paths"]
    for setting in properties["MethodSettings"]:
        path = setting["ResourcePath"].lstrip("/").replace("~1", "/")
        assert path == "*" or setting["HttpMethod"].lower() in paths[path]


def test_every_function_writes_to_a_log_group_that_forgets(template: dict[str, Any]) -> None:
    groups = {
        resource["Properties"]["LogGroupName"]["Fn::Sub"]: resource["Properties"]["RetentionInDays"]
        for resource in template["Resources"].values()
        if resource["Type"] == "AWS::Logs::LogGroup"
    }
    assert {f"/aws/lambda/${{Prefix}}-{name}" for name in functions().values()} <= set(groups)
    assert all(retention == {"Ref": "LogDays"} for retention in groups.values())


def test_roles_allow_no_more_than_they_name(template: dict[str, Any]) -> None:
    for name, resource in template["Resources"].items():
        for statement in _statements(resource):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not any("*" in action for action in actions), (name, actions)
            assert "dynamodb:Scan" not in actions
            if statement["Resource"] == "*":
                assert set(actions) <= WITHOUT_RESOURCE, (name, actions)
        if any(
            statement["Resource"] == "*" and "sns:Publish" in statement["Action"] for statement in _statements(resource)
        ):
            assert any(statement["Effect"] == "Deny" for statement in _statements(resource)), "topics are not denied"


def _statements(resource: dict[str, Any]) -> list[dict[str, Any]]:
    properties = resource.get("Properties", {})
    if resource["Type"] == "AWS::IAM::ManagedPolicy":
        return properties["PolicyDocument"]["Statement"]
    if resource["Type"] == "AWS::IAM::Role":
        return [part for policy in properties["Policies"] for part in policy["PolicyDocument"]["Statement"]]
    return []


def test_analytics_functions_get_the_slim_zip_and_the_layer(template: dict[str, Any]) -> None:
    for name in ("CompactLake", "RefreshReports"):
        properties = template["Resources"][name]["Properties"]
        assert properties["CodeUri"] == "./analytics.zip"
        assert properties["Layers"]["Fn::If"][1] == [{"Ref": "PandasLayerArn"}]


def test_parquet_is_compressed_as_the_managed_layer_can() -> None:
    """AWS builds the layer's pyarrow without zstd, lz4 and brotli."""
    code = "\n".join(path.read_text(encoding="utf-8") for path in ROOT.glob("chalicelib/**/*.py"))
    assert set(re.findall(r'compression="(\w+)"', code)) <= {"snappy", "gzip"}
