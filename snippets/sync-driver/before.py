# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    # --8<-- [start:example]
    url = os.environ.get("DATABASE_URL", "sqlite://")
    engine = create_async_engine(url)  # raises InvalidRequestError
    async with engine.connect() as connection:
        print(await connection.scalar(text("SELECT 42")))
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
