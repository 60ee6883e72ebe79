# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

URL = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost")


async def main() -> None:
    # --8<-- [start:example]
    engine = create_async_engine(
        URL,
        connect_args={"statement_cache_size": 0},
    )
    async with AsyncSession(engine) as session:
        query = "SELECT 'alice'"
        print(await session.scalar(text(query)))
        # what the server sees after a pooler switches
        await session.execute(text("DEALLOCATE ALL"))
        print(await session.scalar(text(query)))
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
