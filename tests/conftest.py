"""Fixtures of all tests. Unit tests get no network; the embedded AWS starts with the first test that asks for it."""

from __future__ import annotations

import sys
import threading
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import is_hypothesis_test, settings

from infra.translations import compile_all
from tests.builders import a_municipality_document
from tests.embedded import Embedded, embedded_aws, store_municipality

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from chalicelib.municipalities.model import Municipality
    from local.product import Product

UNIT = Path(__file__).parent / "unit"
BROWSED = Path(__file__).parent / "e2e"
_NUMBERS = count(1)

# How long one example takes says nothing on a machine that others use too; `timeout` ends what hangs. The same commit
# gets the same verdict: new examples are looked for by `make explore`, and what it finds becomes a test or a mend.
settings.register_profile("borgerpuls", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile("borgerpuls")


def pytest_sessionstart() -> None:
    """Pages need their translations, also on a clean checkout."""
    compile_all()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Unit tests can't open a socket; tests on the embedded AWS can be picked with `-m embedded`.

    What hypothesis repeats a hundred times, coverage makes four times as slow, and the browser's tests wait for it: that
    a line is reached, the others say.
    """
    for item in items:
        if is_hypothesis_test(getattr(item, "obj", None)) or BROWSED in item.path.parents:
            item.add_marker(pytest.mark.unwatched)
        if UNIT in item.path.parents:
            item.add_marker(pytest.mark.disable_socket)
        if {"embedded", "own_embedded", "product"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.embedded)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Unwatched tests run without coverage, with the threads that they start and the fixtures that they are first to use.

    pytest-cov's own `no_cover` has no effect in a worker of xdist, where two measurements lie on each other.
    """
    watching, in_threads = sys.gettrace(), threading.gettrace()
    if watching is None or item.get_closest_marker("unwatched") is None:
        return (yield)
    sys.settrace(None)
    threading.settrace(None)
    try:
        return (yield)
    finally:
        threading.settrace(in_threads)
        sys.settrace(watching)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """An embedded AWS with every resource of `infra/`; this process's environment and caches point at it."""
    with embedded_aws(tmp_path_factory.mktemp("embedded")) as aws:
        yield aws


@pytest.fixture(scope="module")
def own_embedded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Embedded]:
    """An embedded AWS for one module alone: for tests that fill the lake or count everything in it."""
    with embedded_aws(tmp_path_factory.mktemp("own-embedded")) as aws:
        yield aws


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The whole product with the demo municipalities and without history: `product.url`, `product.keys.token(…)`.

    Streams, queues and schedules run; `product.workers.tick()` or POST /local/tick waits until all is drained.
    """
    from cli.municipality_file import apply_file
    from local.product import Product

    with Product(tmp_path_factory.mktemp("product")) as running:
        for file in sorted((UNIT.parent.parent / "demo").glob("*.yaml")):
            apply_file(file)
        yield running


@pytest.fixture
def tenant(embedded: Embedded) -> Municipality:
    """A municipality of its own for one test: the builders' document under an id that no other test uses."""
    return store_municipality(a_municipality_document(id=f"by{next(_NUMBERS)}"))


@pytest.fixture
def staff_token(embedded: Embedded) -> Callable[[str, str], str]:
    """Gives a bearer token for (role, municipality id), which the product accepts."""
    return embedded.keys.token
