"""One cold start, as `bench.cold_start` calls it: `python -I -B cold_child.py FOLDER EVENT.json MODULE HANDLER`.

Imports the module from that folder alone, calls its handler twice and prints what each step cost, as JSON.
"""

from __future__ import annotations

import importlib
import io
import json
import sys
import time
from contextlib import redirect_stdout
from itertools import pairwise
from types import SimpleNamespace
from typing import Any


def main(folder: str, event: str, module: str, handler: str) -> dict[str, Any]:
    """CPU milliseconds of this process for the import, the first call and the second; what is loaded afterwards."""
    sys.path.insert(0, folder)
    with open(event, encoding="utf-8") as file:  # noqa: PTH123 - pathlib would be loaded before the clock starts
        asked = json.load(file)
    context = SimpleNamespace(
        function_name=handler, memory_limit_in_mb=512, invoked_function_arn="arn:aws:lambda:::x", aws_request_id="r"
    )
    before = set(sys.modules)
    steps = [time.process_time()]
    with redirect_stdout(io.StringIO()):  # log lines
        function = getattr(importlib.import_module(module), handler)
        steps.append(time.process_time())
        answers = []
        for _ in range(2):
            answers.append(function(asked, context))
            steps.append(time.process_time())
    took = [round(1000 * (after - start), 2) for start, after in pairwise(steps)]
    status = [answer.get("statusCode", answer.get("batchItemFailures")) for answer in answers]
    return {"import": took[0], "first": took[1], "second": took[2], "status": status,
            "modules": len(set(sys.modules) - before)}  # fmt: skip


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(*sys.argv[1:])))
