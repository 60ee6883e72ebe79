# --8<-- [start:example]
# /// script
# dependencies = ["sqlalchemy[asyncio]", "aiosqlite"]
# ///
import asyncio

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 42")))
    await engine.dispose()


asyncio.run(main())
# --8<-- [end:example]
