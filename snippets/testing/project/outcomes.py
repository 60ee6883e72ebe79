import re
from pathlib import Path

import pytest

QUIET = ("-p", "no:terminal", "-p", "no:cacheprovider", "-W", "ignore")
CLASS = re.compile(r"<class '[^']*'>: ")
OBJECT = re.compile(r"<[^<>]*(?:<[^<>]*>[^<>]*)*>")


class Outcomes:
    def __init__(self):
        self.lines = []

    def pytest_configure(self, config):
        config.option.tbstyle = "native"

    def pytest_runtest_logreport(self, report):
        if report.when == "teardown":
            return
        if report.when == "call" or report.failed:
            when = " (setup)" if report.when == "setup" else ""
            self.lines.append(f"{report.location[2]}{when}: {report.outcome}")
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = crash.message if crash else str(report.longrepr)
            first_line = CLASS.sub("", message.splitlines()[0])
            self.lines.append(f"  {OBJECT.sub('…', first_line).partition('; ')[0]}")


def outcomes(file, *options):
    """What each test in a file of this folder did."""
    folder = Path(__file__).parent
    seen = Outcomes()
    status = pytest.main([f"{folder}/{file}", *QUIET, *options], plugins=[seen])
    assert status in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), status
    return seen.lines


def run(file, *options):
    print(*outcomes(file, *options), sep="\n")
