from pathlib import Path
from textwrap import shorten

import pytest


class Outcomes:
    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            print(f"{report.location[2]}: {report.outcome}")
            if report.failed:
                print(" ", shorten(report.longrepr.reprcrash.message, 90))


def run(file, *options):
    path = str(Path(__file__).with_name(file))
    quiet = ["-p", "no:terminal", "-p", "no:cacheprovider", "-W", "ignore"]
    pytest.main([path, *quiet, *options], plugins=[Outcomes()])
