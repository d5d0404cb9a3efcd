"""Batch delivery as Lambda does it: each case is one that MiniStack's own mapping gets wrong, or that loses records."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from local.delivery import Delivery, FunctionFailed, GivenUp, StreamSource
from local.filters import UnknownPattern, passes

START = 1_000_000.0


def a_record(name: str, *, created: float = START) -> dict:
    return {
        "eventName": "INSERT",
        "dynamodb": {"SequenceNumber": name, "ApproximateCreationDateTime": created, "Keys": {"pk": {"S": name}}},
    }


@dataclass
class World:
    """A function that fails on the records named `bad…`, a clock that only waiting moves, an on-failure queue."""

    source: StreamSource
    names_failures: bool = True
    cure_after: int = 1_000
    end_after: int = 1_000
    batches: list[list[str]] = field(default_factory=list)
    processed: list[str] = field(default_factory=list)
    given_up: list[GivenUp] = field(default_factory=list)
    time: float = START

    def invoke(self, records):
        names = [record["dynamodb"]["SequenceNumber"] for record in records]
        self.batches.append(names)
        bad = [name for name in names if name.startswith("bad") and len(self.batches) < self.cure_after]
        if bad and not self.names_failures:
            raise FunctionFailed
        self.processed += [name for name in names if name not in bad]
        return {"batchItemFailures": [{"itemIdentifier": name} for name in bad]}

    def wait(self, seconds):
        self.time += seconds
        self.end_after -= 1
        return self.end_after > 0

    def deliver(self, *names: str) -> bool:
        delivery = Delivery(self.source, self.invoke, self.wait, lambda: self.time, self.given_up.append)
        return delivery.deliver([a_record(name) for name in names])

    @property
    def lost(self) -> list[str]:
        return [record["dynamodb"]["SequenceNumber"] for item in self.given_up for record in item.records]


def a_source(**changes) -> StreamSource:
    return StreamSource(**{"function": "f", "stream_arn": "arn", "partial_batches": True, **changes})


def test_a_batch_without_failures_is_one_call():
    world = World(a_source())

    assert world.deliver("a", "b", "c")
    assert world.batches == [["a", "b", "c"]]


def test_after_a_partial_failure_lambda_resumes_at_the_lowest_failed_record():
    world = World(a_source(), cure_after=2)

    world.deliver("a", "bad", "c", "bad2", "e")

    assert world.batches == [["a", "bad", "c", "bad2", "e"], ["bad", "c", "bad2", "e"]]
    assert not world.lost


@pytest.mark.parametrize("answer", [None, {}, {"batchItemFailures": []}, {"batchItemFailures": None}])
def test_an_answer_without_failures_means_success(answer):
    calls = []

    def invoke(records):
        calls.append(records)
        return answer

    delivery = Delivery(a_source(), invoke, lambda _: True, lambda: START, pytest.fail)

    assert delivery.deliver([a_record("a")])
    assert len(calls) == 1


@pytest.mark.parametrize("identifier", ["", None, "not-in-this-batch"])
def test_a_failed_item_that_names_no_record_fails_the_whole_batch(identifier):
    given_up: list[GivenUp] = []
    delivery = Delivery(
        a_source(maximum_retries=1),
        lambda _: {"batchItemFailures": [{"itemIdentifier": identifier}]},
        lambda _: True,
        lambda: START,
        given_up.append,
    )

    delivery.deliver([a_record("a"), a_record("b")])

    assert [len(item.records) for item in given_up] == [2]


def test_without_the_switch_the_answer_is_not_read_and_failures_are_lost():
    world = World(a_source(partial_batches=False))

    world.deliver("a", "bad")

    assert world.batches == [["a", "bad"]]


def test_bisecting_isolates_the_poisonous_record_and_delivers_the_others():
    world = World(a_source(bisect=True, maximum_retries=2), names_failures=False)

    world.deliver("a", "b", "bad", "d", "e")

    assert world.processed == ["a", "b", "d", "e"]
    assert world.lost == ["bad"]
    assert world.given_up[0].condition == "RetryAttemptsExhausted"


def test_without_bisecting_a_poisonous_record_takes_its_batch_with_it():
    world = World(a_source(maximum_retries=2), names_failures=False)

    world.deliver("a", "bad")

    assert world.batches == [["a", "bad"]] * 3
    assert world.lost == ["a", "bad"]


def test_a_named_poisonous_record_is_given_up_after_its_retries_and_the_rest_goes_on_with_bisecting():
    world = World(a_source(bisect=True, maximum_retries=1))

    world.deliver("a", "bad", "c")

    assert world.lost == ["bad"]
    assert set(world.processed) == {"a", "c"}


def test_records_older_than_the_limit_are_given_up():
    world = World(a_source(maximum_age_seconds=5), names_failures=False)

    world.deliver("bad")

    assert world.given_up[0].condition == "RecordAgeExceeded"
    assert world.time - START > 5


def test_without_limits_it_is_tried_until_the_end_and_nothing_is_given_up():
    world = World(a_source(), names_failures=False, end_after=20)

    assert not world.deliver("bad")
    assert not world.lost
    assert len(world.batches) == 20


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ({"eventName": ["INSERT"]}, True),
        ({"eventName": ["MODIFY", "REMOVE"]}, False),
        ({"dynamodb": {"NewImage": {"state": {"S": ["finished"]}}}}, True),
        ({"dynamodb": {"NewImage": {"state": {"S": [{"anything-but": ["finished"]}]}}}}, False),
        ({"dynamodb": {"NewImage": {"state": {"S": [{"prefix": "fin"}]}}}}, True),
        ({"dynamodb": {"NewImage": {"phone": [{"exists": False}]}}}, True),
        ({"dynamodb": {"OldImage": {"state": {"S": ["finished"]}}}}, False),
        ({"size": [{"numeric": [">", 3, "<=", 10]}]}, True),
    ],
)
def test_filters_let_through_what_lambda_would(pattern, found):
    record = {"eventName": "INSERT", "size": 10, "dynamodb": {"NewImage": {"state": {"S": "finished"}}}}

    assert passes(record, [pattern]) is found
    assert passes(record, [])


def test_an_unknown_filter_is_refused_instead_of_ignored():
    with pytest.raises(UnknownPattern):
        passes({"a": "b"}, [{"a": [{"cidr": "10.0.0.0/8"}]}])
