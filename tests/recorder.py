"""Gathers what all workers of a run found out for the matrix, and records it at the end, if nothing failed."""

import pytest

from matrix import Case, record


class Recorder:
    """A pytest plugin for the process that starts the workers."""

    def __init__(self):
        self._outcomes: dict[Case, str] = {}
        self._versions: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        found = dict(report.user_properties)
        if report.when == "call" and "case" in found:
            self._outcomes[Case(*found["case"])] = found["outcome"]
            self._versions.update(found["versions"])

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        if exitstatus == pytest.ExitCode.OK and self._outcomes:
            try:
                record(self._outcomes, self._versions)
            except OSError as error:
                pytest.exit(f"nothing is recorded in the matrix: {error}", returncode=pytest.ExitCode.INTERNAL_ERROR)
