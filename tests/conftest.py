"""Options and fixtures for all tests."""

import contextlib
import os
import shutil
import signal
import tempfile
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

import matrix
from project import DRIVERS, SERIES, name
from recorder import Recorder
from runner import EnvironmentMissing, Runner, versions
from servers import MariaDB, PostgreSQL, ServerFault, has_mariadb, started_mariadb
from site_builder import SITE_URL, build_with_mkdocs, served

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NO_MARIADB = "no MariaDB on this machine: install Debian's package mariadb-server, or set MARIADB_URL"
FEW_BYTES = 1_000_000
# The fixtures of the databases that need a server.
SERVERS = {"postgresql": "postgresql", "mysql": "mariadb"}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="accept what the snippets print: write recordings and diffs")
    parser.addoption("--series", action="append", help=f"only this SQLAlchemy series: {' or '.join(SERIES)}")
    parser.addoption("--mariadb", action="store_true", help="use the MariaDB at MARIADB_URL, or else start one")


def pytest_configure(config: pytest.Config) -> None:
    for series in config.getoption("--series") or ():
        if series not in SERIES:
            raise pytest.UsageError(f"unknown SQLAlchemy series {series}: choose {' or '.join(SERIES)}")
    signal.signal(signal.SIGTERM, interrupt)
    if not hasattr(config, "workerinput"):
        if config.getoption("--mariadb"):
            provide_mariadb(config)
        if config.getoption("--record"):
            config.pluginmanager.register(Recorder())


def interrupt(*_) -> None:
    """Stop like at Ctrl-C, which also stops the servers; once, because whoever ends a run tells all its processes."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise KeyboardInterrupt


def provide_mariadb(config: pytest.Config) -> None:
    """Start a MariaDB for this run unless there is one; its workers find it by their environment."""
    if "MARIADB_URL" in os.environ:
        return
    if not has_mariadb():
        if os.environ.get("CI"):
            raise pytest.UsageError(NO_MARIADB)
        return
    server = contextlib.ExitStack()
    try:
        os.environ["MARIADB_URL"] = server.enter_context(started_mariadb())
    except ServerFault as fault:
        raise pytest.UsageError(str(fault)) from fault
    server.callback(os.environ.pop, "MARIADB_URL")
    config.add_cleanup(server.close)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if config.getoption("--mariadb") and "MARIADB_URL" not in os.environ:
        terminalreporter.line(f"{NO_MARIADB}; what is recorded for asyncmy and aiomysql stays as it was")


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


@pytest.fixture(scope="session")
def mariadb():
    server = MariaDB(os.environ["MARIADB_URL"])
    yield server
    server.close()


@pytest.fixture
def database(request: pytest.FixtureRequest):
    """A function from a driver to a context with the environment variables that lead it to an empty database."""

    @contextlib.contextmanager
    def database(driver):
        name = DRIVERS.get(driver)
        if name in SERVERS:
            with request.getfixturevalue(SERVERS[name]).empty_database(driver) as url:
                yield {"DATABASE_URL": url}
        else:
            yield {"DATABASE_URL": f"{name}+{driver}://"} if name else {}

    return database


@pytest.fixture
def run(request: pytest.FixtureRequest, runner, database):
    """A function that runs a snippet on a series with a driver, or ends everything if that cannot be done any more."""

    def run(snippet, series, driver):
        environment = series if snippet.needs_greenlet else f"{series}-without-greenlet"
        try:
            with database(driver) as environ:
                done = runner(environment).run(snippet.path, environ)
            if shutil.disk_usage(tempfile.gettempdir()).free < FEW_BYTES:
                raise OSError(f"{tempfile.gettempdir()} is full")
        except EnvironmentMissing as missing:
            raise pytest.fail.Exception(f"{snippet}: {missing}", pytrace=False) from None
        except (ServerFault, OSError) as fault:
            request.session.shouldstop = str(fault)
            raise pytest.fail.Exception(str(fault), pytrace=False) from None
        return done

    return run


@pytest.fixture
def settle_outcome(request: pytest.FixtureRequest, record_property):
    """Compare what a run without problems came to with the matrix, or hand it on when asked to `--record`."""

    def settle_outcome(snippet, series, driver, done):
        case, outcome = matrix.case(snippet, series, driver), matrix.outcome(snippet, series, done)
        if request.config.getoption("--record"):
            record_property("case", tuple(case))
            record_property("outcome", outcome)
            record_property("versions", _versions(request, series, driver))
        elif (recorded := matrix.recorded_outcomes().get(case)) != outcome:
            pytest.fail(
                f"{snippet} on SQLAlchemy {series} with {driver}: {outcome}, but recorded is {recorded or 'nothing'}; "
                "look at what changed, then `make matrix`",
                pytrace=False,
            )

    return settle_outcome


def _versions(request: pytest.FixtureRequest, series: str, driver: str) -> dict[str, str]:
    """The versions of all that a driver is run with on a series."""
    found = versions(series, driver if driver in DRIVERS else None)
    if DRIVERS.get(driver) in SERVERS:
        server = request.getfixturevalue(SERVERS[DRIVERS[driver]])
        found[server.name] = server.version
    return found


@pytest.fixture(scope="session")
def settle(request: pytest.FixtureRequest):
    """Compare a generated file with what it has to be, or write it when asked to `--record`."""

    def settle(path, text: str | None, why: str, command: str = "make record") -> None:
        there = path.read_text() if path.exists() else None
        if there == text:
            return
        if not request.config.getoption("--record"):
            if there is None:
                pytest.fail(f"{name(path)} is missing: `{command}` writes it", pytrace=False)
            state = "has to go" if text is None else "is stale"
            pytest.fail(f"{name(path)} {state}: {why}; look at what changed, then `{command}`", pytrace=False)
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


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """The system's Chromium, because Playwright's own would have to be downloaded."""
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if chromium is None:
        reason = "no Chromium on this machine: install Debian's package chromium, or Google Chrome"
        if os.environ.get("CI"):
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    return {**browser_type_launch_args, "executable_path": chromium, "args": list(QUIET)}


@pytest.fixture(scope="session")
def address(site):
    """Where the built site is served while the tests run."""
    with served(site) as address:
        yield address


@pytest.fixture(scope="session")
def published_address(site, tmp_path_factory):
    """The same below the path that the site was built for."""
    root = tmp_path_factory.mktemp("host")
    path = urlsplit(SITE_URL).path.strip("/")
    (root / path).symlink_to(site)
    with served(root) as address:
        yield f"{address}{path}/"


@pytest.fixture
def said(page: Page) -> list[str]:
    """All that the page says in the console: each violation of a policy among it."""
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.on("pageerror", lambda error: messages.append(str(error)))
    return messages
