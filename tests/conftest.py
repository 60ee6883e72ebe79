"""Options and fixtures for all tests."""

import contextlib

import pytest

from project import SERIES, name
from runner import Runner
from servers import PostgreSQL
from site_builder import build_with_mkdocs


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="accept what the snippets print: write recordings and diffs")
    parser.addoption("--series", action="append", help=f"only this SQLAlchemy series: {' or '.join(SERIES)}")


def pytest_configure(config: pytest.Config) -> None:
    for series in config.getoption("--series") or ():
        if series not in SERIES:
            raise pytest.UsageError(f"unknown SQLAlchemy series {series}: choose {' or '.join(SERIES)}")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "series" in metafunc.fixturenames:
        metafunc.parametrize("series", metafunc.config.getoption("--series") or SERIES, scope="session")


@pytest.fixture(scope="session")
def runner():
    """A function from the name of an environment to its runner, which is started once."""
    started = {}

    def get(environment: str) -> Runner:
        if environment not in started:
            started[environment] = Runner(environment)
        return started[environment]

    yield get
    for one in started.values():
        one.close()


@pytest.fixture(scope="session")
def postgresql(testrun_uid):
    server = PostgreSQL(testrun_uid)
    yield server
    server.close()


@pytest.fixture
def database(request: pytest.FixtureRequest):
    """A function from a snippet to a context with the environment variables that lead it to an empty database."""

    @contextlib.contextmanager
    def database(snippet):
        name, driver = snippet.server
        if name != "postgresql":
            yield {}
        else:
            with request.getfixturevalue("postgresql").empty_database(driver) as url:
                yield {"DATABASE_URL": url}

    return database


@pytest.fixture(scope="session")
def settle(request: pytest.FixtureRequest):
    """Compare a generated file with what it has to be, or write it when asked to `--record`."""

    def settle(path, text: str | None, why: str) -> None:
        there = path.read_text() if path.exists() else None
        if there == text:
            return
        if not request.config.getoption("--record"):
            state = "is missing" if there is None else "has to go" if text is None else "is stale"
            pytest.fail(f"{name(path)} {state}: {why}; look at what changed, then `make record`", pytrace=False)
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return settle


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """Both languages, built strictly with MkDocs, once per run."""
    folder = tmp_path_factory.mktemp("site")
    build_with_mkdocs(folder)
    return folder
