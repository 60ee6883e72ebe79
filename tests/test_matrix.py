"""Every snippet does with every driver what the matrix says, and the pages say what the matrix does."""

import os
import re

import pytest

import matrix
from project import DRIVERS, ROOT, name
from snippets import all_snippets, problem

# With its own driver each is run by test_snippets.py.
OTHERS = [(snippet, driver) for snippet in all_snippets() for driver in snippet.drivers if driver != snippet.driver]
RUN = [(snippet, driver) for snippet, driver in OTHERS if DRIVERS[driver] != "mysql" or "MARIADB_URL" in os.environ]


@pytest.fixture
def recorded(request: pytest.FixtureRequest) -> dict[matrix.Case, str]:
    if request.config.getoption("--record"):
        pytest.skip("the matrix is recorded when all have run")
    return matrix.recorded_outcomes()


@pytest.mark.parametrize(("snippet", "driver"), RUN, ids=str)
def test_a_snippet_does_with_another_driver_what_is_recorded(snippet, driver, series, run, settle_outcome):
    done = run(snippet, series, driver)
    if found := problem(snippet, series, driver, done):
        pytest.fail(found, pytrace=False)
    settle_outcome(snippet, series, driver, done)


def test_the_matrix_has_each_case_and_no_other(recorded):
    for case in sorted(matrix.all_cases() ^ recorded.keys()):
        state = "has to go: no snippet is run so" if case in recorded else "is missing"
        pytest.fail(f"{name(matrix.MATRIX)}: the row {','.join(case)} {state}; `make matrix`", pytrace=False)


def test_the_tables_on_the_pages_say_what_the_matrix_says(recorded, settle):
    for path, text in matrix.texts(recorded, matrix.recorded_versions()).items():
        settle(path, text, "the matrix says something else")


@pytest.mark.usefixtures("recorded")
def test_the_recorded_versions_are_the_pinned_ones():
    for file in ROOT.glob("requirements-*.txt"):
        for package, pinned in re.findall(r"^([\w-]+)==(\S+)", file.read_text(), re.MULTILINE):
            series = file.stem.removeprefix("requirements-")
            recorded = matrix.recorded_versions().get(f"SQLAlchemy {series}" if package == "sqlalchemy" else package)
            if recorded and recorded != pinned:
                pytest.fail(
                    f"{name(matrix.VERSIONS)} has {package} {recorded}, but {pinned} is pinned: `make matrix`",
                    pytrace=False,
                )
