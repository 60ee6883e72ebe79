"""Every snippet does with every driver what the matrix says."""

import pytest

from guide import matrix
from guide.plugin import fail_with
from guide.verdicts import problem


def test_a_snippet_does_with_another_driver_what_is_recorded(snippet, further_driver, series, run, settle_outcome):
    done = run(snippet, series, further_driver)
    if found := problem(snippet, series, further_driver, done):
        pytest.fail(found, pytrace=False)
    settle_outcome(snippet, series, further_driver, done)


def test_the_matrix_has_each_case_and_no_other(request, project):
    if not request.config.getoption("--record"):
        fail_with(matrix.problems(project))
