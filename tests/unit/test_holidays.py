"""Danish public holidays are those that the well-kept package knows."""

from __future__ import annotations

from datetime import date

import holidays
import pytest

from chalicelib.shared.holidays import public_holidays


@pytest.mark.parametrize("year", range(1990, 2091))
def test_every_year_agrees_with_the_package(year):
    assert set(public_holidays(year)) == set(holidays.country_holidays("DK", years=year))


def test_days_have_their_danish_names():
    assert public_holidays(2026)[date(2026, 4, 2)] == "Skærtorsdag"
    assert public_holidays(2023)[date(2023, 5, 5)] == "Store bededag"
    assert date(2024, 4, 26) not in public_holidays(2024)
