"""The store of imported waves: the fake and S3 keep the same promises."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from chalicelib.adapters.lake.s3_waves import S3Waves
from chalicelib.reporting.waves import Wave, WaveRow
from chalicelib.settings import settings
from tests.fakes.reporting import InMemoryWaves

if TYPE_CHECKING:
    from chalicelib.reporting.waves import Waves

LATER = Wave(
    *("2022", {"da": "Måling 2022", "en": "Survey 2022"}, "2022-09-12", "2022-10-10", {"da": "Sms.", "en": "SMS."}),
    rows=(WaveRow("satisfied", "all", 505, 682), WaveRow("satisfied", "Jobcentret | møde", 58, 86)),
    labels={"satisfied": {"da": "Tilfredse", "en": "Satisfied"}},
)
EARLIER = replace(LATER, id="2019", first="2019-09-12", last="2019-10-10", labels={})


@pytest.fixture(params=["fake", "s3"])
def store(request: pytest.FixtureRequest) -> Waves:
    if request.param == "fake":
        return InMemoryWaves()
    request.getfixturevalue("embedded")
    return S3Waves(settings().lake_bucket, region=settings().region)


@pytest.fixture
def owner() -> str:
    return f"waves-{uuid.uuid4().hex[:8]}"


def test_waves_come_back_the_earliest_first_and_only_of_their_owner(store: Waves, owner: str) -> None:
    for wave in (LATER, EARLIER):
        store.save(owner, wave)
    store.save(f"{owner}-2", LATER)
    assert store.all(owner) == [EARLIER, LATER]
    assert store.all("waves-nobody") == []


def test_a_wave_of_the_same_id_is_replaced(store: Waves, owner: str) -> None:
    store.save(owner, EARLIER)
    store.save(owner, replace(EARLIER, last="2019-11-01"))
    assert [wave.last for wave in store.all(owner)] == ["2019-11-01"]
