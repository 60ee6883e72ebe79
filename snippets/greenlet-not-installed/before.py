# --8<-- [start:example]
# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
# ]
# ///
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine  # raises ImportError on 2.1


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:  # raises ValueError on 2.0
        print(await connection.scalar(text("SELECT 42")))
    await engine.dispose()


asyncio.run(main())
# --8<-- [end:example]
