"""How a command finds the deployment, and how it talks: what is asked for on one stream, the rest on the other."""

from __future__ import annotations

import pytest

from chalicelib.shared.errors import InvalidInput
from chalicelib.telemetry import logger
from cli.environment import StageUnreachable, functions_aside, use_stage
from cli.main import error_lines


def test_without_a_running_product_it_says_how_to_start_one(monkeypatch, tmp_path):
    monkeypatch.delenv("BORGERPULS_PREFIX", raising=False)
    monkeypatch.setenv("BORGERPULS_STAGE", "local")
    monkeypatch.setenv("BORGERPULS_ENVIRONMENT", str(tmp_path / "nowhere.json"))
    with pytest.raises(StageUnreachable, match="make run"):
        use_stage()


def test_the_work_of_functions_does_not_stand_between_the_lines_of_an_answer(capsys):
    with functions_aside():
        print('{"_aws": {}}')
        logger.warning("a part failed")
    seen = capsys.readouterr()
    assert seen.out == ""
    assert "a part failed" in seen.err


def test_an_error_names_its_fields():
    error = InvalidInput(fields={"phone": "a mobile number"})
    assert list(error_lines(error)) == ["borgerpuls: A field is missing or wrong.", "  phone: a mobile number"]
