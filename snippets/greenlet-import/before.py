# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
# ruff: noqa: E402
import asyncio
import sys
import tempfile
from pathlib import Path

# The packages that came along with the program, such as those of a Docker layer.
folder = tempfile.TemporaryDirectory()
vendor = f"{folder.name}/site-packages"
package = Path(vendor, "greenlet")
package.mkdir(parents=True)
(package / "__init__.py").write_text("from ._greenlet import getcurrent, greenlet\n")
(package / "_greenlet.cpython-38-x86_64-linux-gnu.so").touch()

# --8<-- [start:example]
# In `vendor`, installed with Python 3.8:
# greenlet/__init__.py
# greenlet/_greenlet.cpython-38-x86_64-linux-gnu.so
sys.path.insert(0, vendor)

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine  # raises ImportError on 2.1


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:  # raises ValueError on 2.0
        print(await connection.scalar(text("SELECT 42")))
    await engine.dispose()


asyncio.run(main())
# --8<-- [end:example]
