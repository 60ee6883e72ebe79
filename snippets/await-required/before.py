# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import sqlite3

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


# --8<-- [start:example]
def connect() -> sqlite3.Connection:
    return sqlite3.connect(":memory:")


async def main() -> None:
    engine = create_async_engine(
        "sqlite+aiosqlite://",
        creator=connect,
    )
    async with engine.connect() as connection:
        query = text("SELECT 42")
        result = await connection.execute(query)  # raises AwaitRequired
        print(f"answer: {result.scalar()}")
    await engine.dispose()


# --8<-- [end:example]


asyncio.run(main())
