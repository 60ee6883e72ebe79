# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "pytest>=9.2,<10",
#   "pytest-asyncio>=1.5,<2",
#   "anyio>=4.16,<5",
# ]
# ///
import os

from project.outcomes import run

os.environ.setdefault("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")

# --8<-- [start:example]
ALONE = ("-c", os.devnull, "-o", "asyncio_mode=auto")
ANYIO = ("-p", "no:asyncio", "-o", "anyio_mode=auto")

print("pytest-asyncio, without the two loop scopes:")
run("test_rollback.py", *ALONE)
print("pytest-asyncio, with them:")
run("test_rollback.py")
print("anyio:")
run("test_anyio.py", *ANYIO)
# --8<-- [end:example]
