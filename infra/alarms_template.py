"""Completes `alarms.yaml`: errors and throttles of every function of `app.yaml`, age of every stream, the dashboard."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra import cfnyaml

if TYPE_CHECKING:
    from infra.cfnyaml import Template

HERE: Final = Path(__file__).resolve().parent
# What one failing run means to people decides whether somebody is woken.
PAGING: Final = frozenset({"api", "send_invitation"})


def alarms_template() -> Template:
    """The whole template of alarms and dashboard."""
    template = cfnyaml.load(HERE / "alarms.yaml")
    for logical, function in functions().items():
        template["Resources"][f"{logical}Errors"] = _errors(function)
        template["Resources"][f"{logical}Throttles"] = _throttles(function)
    for logical, function in functions(streams=True).items():
        template["Resources"][f"{logical}StreamAge"] = _stream_age(function)
    template["Resources"]["Dashboard"] = {
        "Type": "AWS::CloudWatch::Dashboard",
        "Properties": {
            "DashboardName": {"Ref": "Prefix"},
            "DashboardBody": {"Fn::Sub": json.dumps({"start": "-P1D", "widgets": _widgets()})},
        },
    }
    return template


def functions(*, streams: bool = False) -> dict[str, str]:
    """Logical id → name without prefix of every function in `app.yaml`; only those that read a stream, if asked."""
    resources = cfnyaml.load(HERE / "app.yaml")["Resources"]
    return {
        logical: resource["Properties"]["FunctionName"]["Fn::Sub"].removeprefix("${Prefix}-")
        for logical, resource in resources.items()
        if "FunctionName" in resource.get("Properties", {})
        and resource.get("Type") is None
        and (not streams or "DynamodbEventSource" in str(resource["Properties"].get("Events", "")))
    }


def _errors(function: str) -> dict[str, Any]:
    return _function_alarm(
        function,
        "errors",
        "Errors",
        urgency="PAGE" if function in PAGING else "TICKET",
        meaning=f"{function} fails again and again. Its log has the reason; roll back if a deployment was just made.",
        section="function-errors",
    )


def _throttles(function: str) -> dict[str, Any]:
    return _function_alarm(
        function,
        "throttles",
        "Throttles",
        urgency="TICKET",
        meaning=f"{function} gets no capacity. Look at the account's concurrency and at what else uses it.",
        section="function-throttles",
    )


def _stream_age(function: str) -> dict[str, Any]:
    alarm = _function_alarm(
        function,
        "stream-age",
        "IteratorAge",
        urgency="TICKET",
        meaning=f"{function} is 15 minutes behind its stream; after 6 hours it gives up and the sweep has to do it.",
        section="stream-age",
    )
    alarm["Properties"] |= {
        "Statistic": "Maximum",
        "Threshold": 900_000,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
    }
    return alarm


def _function_alarm(
    function: str, name: str, metric: str, *, urgency: str, meaning: str, section: str
) -> dict[str, Any]:
    """Three or more in a quarter of an hour, twice."""
    return {
        "Type": "AWS::CloudWatch::Alarm",
        "Properties": {
            "AlarmName": {"Fn::Sub": f"${{Prefix}}-{function}-{name}"},
            "AlarmDescription": f"{urgency}: {meaning} docs/runbook.md#{section}",
            "Namespace": "AWS/Lambda",
            "MetricName": metric,
            "Dimensions": [{"Name": "FunctionName", "Value": {"Fn::Sub": f"${{Prefix}}-{function}"}}],
            "Statistic": "Sum",
            "Period": 900,
            "EvaluationPeriods": 2,
            "DatapointsToAlarm": 2,
            "Threshold": 3,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
            # A function that does not run can't fail; that the sweep runs is watched by PendingOverdue.
            "TreatMissingData": "notBreaching",
            "AlarmActions": [{"Ref": "PageTopicArn" if urgency == "PAGE" else "TicketTopicArn"}],
        },
    }


def _widgets() -> list[dict[str, Any]]:
    every, streams, queues = functions().values(), functions(streams=True).values(), ("send", "send-dead", "failures")
    charts: list[tuple[str, str, list[list[str]]]] = [
        ("Requests and errors", "Sum", [_http(metric) for metric in ("Count", "4XXError", "5XXError")]),
        ("Latency, p95", "p95", [_http("Latency")]),
        ("Invitations", "Sum", [_own(metric) for metric in _LOOP]),
        ("Lag in seconds, p95", "p95", [_own(metric) for metric in _LAGS]),
        ("Never completed, never came", "Sum", [_own(metric) for metric in _DAYS]),
        ("Errors by function", "Sum", [_lambda("Errors", name) for name in every]),
        ("Stream age", "Maximum", [_lambda("IteratorAge", name) for name in streams]),
        ("Queues", "Maximum", [_queue(name) for name in queues]),
        ("SMS spend this month, USD", "Maximum", [["AWS/SNS", "SMSMonthToDateSpentUSD"]]),
    ]
    return [
        {
            "type": "metric",
            "x": 12 * (index % 2),
            "y": 6 * (index // 2),
            "width": 12,
            "height": 6,
            "properties": {"title": title, "metrics": metrics, "stat": stat, "period": 300, "region": "${AWS::Region}"},
        }
        for index, (title, stat, metrics) in enumerate(charts)
    ]


def _http(metric: str) -> list[str]:
    return ["AWS/ApiGateway", metric, "ApiName", "${Prefix}"]


def _own(metric: str) -> list[str]:
    return ["Borgerpuls", metric, "service", "borgerpuls"]


def _lambda(metric: str, function: str) -> list[str]:
    return ["AWS/Lambda", metric, "FunctionName", f"${{Prefix}}-{function}"]


def _queue(name: str) -> list[str]:
    return ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", f"${{Prefix}}-{name}"]


_LOOP: Final = ("SmsAccepted", "SmsDelivered", "SmsFailed", "SmsAmbiguous", "SmsExpired", "SweepOverdue")
_LAGS: Final = ("DispatchLagSeconds", "LandingLagSeconds")
_DAYS: Final = ("VisitsUnclosed", "AppointmentsMissed")
