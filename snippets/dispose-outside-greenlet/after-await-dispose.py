# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
    engine = create_async_engine(url)

    # --8<-- [start:example]
    async with engine.connect() as connection:
        answer = await connection.scalar(text("SELECT 42"))
        raw = await connection.get_raw_connection()
        driver_connection = raw.driver_connection
    print(f"answer: {answer}")

    await engine.dispose()
    print(f"closed: {driver_connection.is_closed()}")
    # --8<-- [end:example]


asyncio.run(main())
