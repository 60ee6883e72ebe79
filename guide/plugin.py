"""What pytest loads: the options, the project's snippets and pages as parameters, running them, and recording."""

import contextlib
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from guide import matrix
from guide.generated import record
from guide.kept import Kept, run_key
from guide.matrix import Case
from guide.pages import all_pages
from guide.project import Project
from guide.runs import EnvironmentMissing, Forker, ImportFailed, Run, Runner, Subprocesses, versions
from guide.servers import SERVERS, MariaDB, PostgreSQL, ServerFault, has_mariadb, started_mariadb
from guide.snippets import Snippet, all_snippets

NO_MARIADB = "no MariaDB on this machine: install Debian's package mariadb-server, or set MARIADB_URL"
FEW_BYTES = 1_000_000
PROJECT = pytest.StashKey[Project]()
# What to do with a run once its test has passed.
KEEP = pytest.StashKey[Callable[[], None]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="accept what the snippets print: write all that is recorded")
    parser.addoption("--slug", help="only what belongs to this entry")
    parser.addoption("--series", action="append", help="only this SQLAlchemy series")
    parser.addoption("--mariadb", action="store_true", help="use the MariaDB at MARIADB_URL, or else start one")


def pytest_configure(config: pytest.Config) -> None:
    project = config.stash[PROJECT] = Project(config.rootpath)
    _check_options(project, config)
    signal.signal(signal.SIGTERM, interrupt)
    if not hasattr(config, "workerinput"):
        if config.getoption("--mariadb"):
            provide_mariadb(config)
        config.pluginmanager.register(Gatherer(project, config.getoption("--record")))


def _check_options(project: Project, config: pytest.Config) -> None:
    for series in config.getoption("--series") or ():
        if series not in project.series:
            raise pytest.UsageError(f"unknown SQLAlchemy series {series}: choose {' or '.join(project.series)}")
    slug = config.getoption("--slug")
    if slug and not any(snippet.slug == slug for snippet in all_snippets(project)):
        raise pytest.UsageError(f"slug={slug} isn't a folder in snippets/: choose one, or begin it with `make new`")


def interrupt(*_: object) -> None:
    """Stop as at Ctrl-C, which also stops the servers; only once, because each process of a run gets the signal."""
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give tests the project's series, its snippets, its snippets with each further driver, and its pages."""
    project, slug = metafunc.config.stash[PROJECT], metafunc.config.getoption("--slug")
    names = set(metafunc.fixturenames)
    snippets = [snippet for snippet in all_snippets(project) if slug in (None, snippet.slug)]
    if "series" in names:
        metafunc.parametrize("series", metafunc.config.getoption("--series") or project.series, scope="session")
    if {"snippet", "further_driver"} <= names:
        metafunc.parametrize(("snippet", "further_driver"), _with_further_drivers(project, snippets), ids=str)
    elif "snippet" in names:
        metafunc.parametrize("snippet", snippets, ids=str)
    if "language" in names:
        metafunc.parametrize("language", project.languages, ids=str, scope="session")
    if "document" in names:
        pages = [page for language in project.languages for page in all_pages(project, language)]
        metafunc.parametrize("document", [page for page in pages if slug in (None, page.slug)], ids=str)


def _with_further_drivers(project: Project, snippets: list[Snippet]) -> list[tuple[Snippet, str]]:
    """Each snippet with each driver but its own; without MariaDB, not with those that need it."""
    no_server = set() if "MARIADB_URL" in os.environ else {MariaDB.scheme}
    return [
        (snippet, driver)
        for snippet in snippets
        for driver in snippet.drivers
        if driver != snippet.driver and project.drivers[driver].database not in no_server
    ]


class Gatherer:
    """Gathers in the starting process what all workers found out; records it at the end, if nothing failed."""

    def __init__(self, project: Project, records: bool):
        self._project = project
        self._records = records
        self._outcomes: dict[Case, str] = {}
        self._versions: dict[str, str] = {}
        self._runs = {"run": 0, "reused": 0}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found: dict[str, Any] = dict(report.user_properties)
        if report.when == "call" and "run" in found:
            self._runs[found["run"]] += 1
        if report.when == "call" and "case" in found:
            self._outcomes[Case(*found["case"])] = found["outcome"]
            self._versions.update(found["versions"])

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if self._records and exitstatus == pytest.ExitCode.OK and self._outcomes:
            try:
                record(self._project, self._outcomes, self._versions)
            except OSError as error:
                pytest.exit(f"nothing is recorded in the matrix: {error}", returncode=pytest.ExitCode.INTERNAL_ERROR)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        if any(self._runs.values()):
            terminalreporter.line(
                f"{self._runs['run']} runs of snippets; {self._runs['reused']} outcomes of earlier runs reused, "
                "because nothing that they depend on has changed"
            )
        if config.getoption("--mariadb") and "MARIADB_URL" not in os.environ:
            terminalreporter.line(f"{NO_MARIADB}; what is recorded for its drivers stays as it was")


@pytest.fixture(scope="session")
def project(request: pytest.FixtureRequest) -> Project:
    return request.config.stash[PROJECT]


@pytest.fixture(scope="session")
def runner(project: Project) -> Iterator[Callable[[str], Forker | Subprocesses]]:
    """A function from the name of an environment to its runner, which is started once."""
    started: dict[str, Forker | Subprocesses] = {}

    def get(environment: str) -> Forker | Subprocesses:
        if environment not in started:
            started[environment] = Runner(project, environment)
        return started[environment]

    yield get
    for one in started.values():
        one.close()


@pytest.fixture(scope="session")
def server(testrun_uid: str) -> Iterator[Callable[[str], PostgreSQL | MariaDB | None]]:
    """A function from a database's name in URLs to its server, which is started once; None if it needs none."""
    with contextlib.ExitStack() as stack:
        started: dict[str, PostgreSQL | MariaDB] = {}

        def get(database: str) -> PostgreSQL | MariaDB | None:
            if database in SERVERS and database not in started:
                started[database] = SERVERS[database](testrun_uid)
                stack.callback(started[database].close)
            return started.get(database)

        yield get


Database = Callable[[str], AbstractContextManager[dict[str, str]]]


@pytest.fixture
def database(project: Project, server) -> Database:
    """A function from a driver to a context with the environment variables for an empty database."""

    @contextlib.contextmanager
    def database(name: str) -> Iterator[dict[str, str]]:
        driver = project.drivers.get(name)
        if driver is None:
            yield {}
        elif started := server(driver.database):
            with started.empty_database(driver.name) as url:
                yield {"DATABASE_URL": url}
        else:
            yield {"DATABASE_URL": f"{driver.database}+{driver}://"}

    return database


@pytest.fixture(scope="session")
def kept_runs(project: Project) -> Kept:
    return Kept(project, "runs")


@pytest.fixture
def run(request, project, runner, database, server, kept_runs, record_property) -> Callable[[Snippet, str, str], Run]:
    """A function that runs a snippet on a series with a driver, or ends everything if that cannot be done any more.

    What nothing has changed for is not run again; what was run is kept once its test has passed.
    """

    def run(snippet: Snippet, series: str, driver: str) -> Run:
        environment = snippet.environment(series)
        try:
            started = server(project.drivers[driver].database) if driver in project.drivers else None
            key = run_key(snippet, environment, driver, started.version if started else "")
            if not request.config.getoption("--record") and (found := kept_runs.get(key)):
                record_property("run", "reused")
                return Run.from_json(found)
            with database(driver) as environ:
                done = runner(environment).run(snippet.path, environ)
            check_space(Path(tempfile.gettempdir()), FEW_BYTES)
        except (EnvironmentMissing, ImportFailed) as missing:
            raise pytest.fail.Exception(f"{snippet}: {missing}", pytrace=False) from None
        except (ServerFault, OSError) as fault:
            request.session.shouldstop = str(fault)
            raise pytest.fail.Exception(str(fault), pytrace=False) from None
        record_property("run", "run")
        request.node.stash[KEEP] = partial(kept_runs.keep, key, done.to_json())
        return done

    return run


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Function) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep the run of a test that has passed."""
    report = yield
    if report.when == "call" and report.passed and KEEP in item.stash:
        item.stash[KEEP]()
    return report


def check_space(folder: Path, least: int) -> None:
    """Raise OSError if the disk of a folder has fewer bytes left than `least`."""
    if shutil.disk_usage(folder).free < least:
        raise OSError(f"{folder} is full")


@pytest.fixture
def settle_outcome(request, project, server, record_property) -> Callable[[Snippet, str, str, Run], None]:
    """Compare what a run without problems came to with the matrix, or hand it on when asked to `--record`."""

    def settle_outcome(snippet: Snippet, series: str, driver: str, done: Run) -> None:
        case, outcome = matrix.case(snippet, series, driver), matrix.outcome(snippet, series, done)
        if request.config.getoption("--record"):
            record_property("case", tuple(case))
            record_property("outcome", outcome)
            record_property("versions", _versions(project, server, series, driver))
        elif (recorded := matrix.recorded_outcomes(project).get(case)) != outcome:
            pytest.fail(
                f"{snippet} on SQLAlchemy {series} with {driver}: {outcome}, but recorded is {recorded or 'nothing'}; "
                "look at what changed, then `make matrix`",
                pytrace=False,
            )

    return settle_outcome


def _versions(project: Project, server, series: str, name: str) -> dict[str, str]:
    """The versions of all that a driver is run with on a series."""
    driver = project.drivers.get(name)
    found = versions(project, series, driver.package if driver else None)
    if driver and (started := server(driver.database)):
        found[project.databases[driver.database].name] = started.version
    return found


@pytest.fixture(scope="session")
def settle(request: pytest.FixtureRequest, project: Project) -> Callable[..., None]:
    """Compare a recorded file with its expected text, None if there must be none; with `--record`, write it."""

    def settle(path: Path, text: str | None, why: str, command: str = "make record") -> None:
        there = path.read_text() if path.exists() else None
        if there == text:
            return
        if not request.config.getoption("--record"):
            if there is None:
                pytest.fail(f"{project.name(path)} is missing: `{command}` writes it", pytrace=False)
            state = "has to go" if text is None else "is stale"
            pytest.fail(f"{project.name(path)} {state}: {why}; look at what changed, then `{command}`", pytrace=False)
        if text is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    return settle


def fail_with(problems: list[str]) -> None:
    """Fail with only these lines, if there are any."""
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)
