# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pytest>=9.2,<10",
#   "pytest-asyncio>=1.5,<2",
# ]
# ///
import os

from project.outcomes import run

os.environ.setdefault("DATABASE_URL", "sqlite+aiosqlite://")

# --8<-- [start:example]
run("test_rollback.py")
# --8<-- [end:example]
