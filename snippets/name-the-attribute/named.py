# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pytest>=9.2,<10",
#   "anyio>=4.16,<5",
# ]
# ///
from project.outcomes import run

# --8<-- [start:example]
print("Without conftest.py:")
run("test_named.py", "--noconftest")
print("With conftest.py:")
run("test_named.py")
# --8<-- [end:example]
