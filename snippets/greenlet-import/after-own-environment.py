# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio

# --8<-- [start:example]
# Installed with the Python that runs this program:
# greenlet/__init__.py
# greenlet/_greenlet.cpython-311-x86_64-linux-gnu.so
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 42")))
    await engine.dispose()


asyncio.run(main())
# --8<-- [end:example]
