"""Reading from DynamoDB when it does not answer, or says to slow down."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from pynamodb.exceptions import GetError, QueryError

from chalicelib.shared.errors import Busy

if TYPE_CHECKING:
    from collections.abc import Callable

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")


def busy_if_unread(read: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """A read that failed, after botocore's own attempts, is `Busy`: nothing was changed and it may be repeated."""

    @wraps(read)
    def guarded(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Result:
        try:
            return read(*args, **kwargs)
        except (GetError, QueryError) as exc:
            raise Busy from exc

    return guarded
