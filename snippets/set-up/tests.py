# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "alembic>=1.20,<2",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "pytest>=9.2,<10",
#   "anyio>=4.16,<5",
# ]
# ///
import os
import sys
import tempfile
from pathlib import Path

import pytest

project = Path(__file__).with_name("project")
url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
url += "/test.db" if url.endswith("://") else ""
os.environ["TEST_DATABASE_URL"] = url
os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"


# --8<-- [start:example]
class Outcomes:
    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.failed:
            print(f"{report.location[2]}: {report.outcome}")


options = ["-p", "anyio.pytest_plugin", "-p", "no:terminal"]
options += ["-p", "no:cacheprovider"]
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    status = pytest.main([project, *options], [Outcomes()])
    os.chdir(project)
sys.exit(status)
# --8<-- [end:example]
