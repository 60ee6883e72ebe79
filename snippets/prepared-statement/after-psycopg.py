# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "psycopg[binary]>=3.3,<4"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

URL = os.environ.get("DATABASE_URL", "postgresql+psycopg://localhost")


async def main() -> None:
    # --8<-- [start:example]
    engine = create_async_engine(
        URL,
        connect_args={"prepare_threshold": None},
    )
    async with AsyncSession(engine) as session:
        query = "SELECT 'alice'"
        print(await session.scalar(text(query)))
        await session.commit()
        print(await session.scalar(text(query)))
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
