"""Two parsers of the SQL that are independent of each other: sqlglot's and sqlfluff's, each as Athena and as Trino."""

from __future__ import annotations

from functools import cache
from typing import Final

import sqlglot
from sqlfluff.core import FluffConfig, Linter
from sqlglot import exp

DIALECTS: Final = ("athena", "trino")


def trees(sql: str) -> list[exp.Expression]:
    """What sqlglot reads, by dialect.

    Raises:
        sqlglot.errors.ParseError: it can't.
    """
    return [sqlglot.parse_one(sql, dialect=dialect) for dialect in DIALECTS]


def complaints(sql: str) -> list[str]:
    """What sqlfluff can't read, by dialect; nothing is well. Its rules of style are not asked."""
    found = []
    for dialect in DIALECTS:
        parsed = _linter(dialect).parse_string(sql)
        found += [f"{dialect}: {violation.desc()}" for violation in parsed.violations]
        if parsed.tree is None or any(parsed.tree.recursive_crawl("unparsable")):
            found.append(f"{dialect}: unparsable")
    return found


@cache
def _linter(dialect: str) -> Linter:
    # Its Trino grammar has no `?`, which Athena's has; there, parameters are put in first, as placeholders.
    templating = {} if dialect == "athena" else {"templater": "placeholder"}
    config = FluffConfig(
        {"core": {"dialect": dialect, **templating}, "templater": {"placeholder": {"param_style": "question_mark"}}}
    )
    return Linter(config=config)
