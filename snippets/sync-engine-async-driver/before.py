# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import create_engine, text


async def main() -> None:
    # --8<-- [start:example]
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_engine(url)
    with engine.connect() as connection:  # raises MissingGreenlet
        print(connection.scalar(text("SELECT 42")))
    # --8<-- [end:example]

    engine.dispose()


asyncio.run(main())
