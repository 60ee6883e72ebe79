# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os
from uuid import uuid4

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

URL = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost")


async def main() -> None:
    # --8<-- [start:example]
    def unique_name() -> str:
        return f"__asyncpg_{uuid4()}__"

    engine = create_async_engine(
        URL,
        poolclass=NullPool,
        connect_args={
            "prepared_statement_name_func": unique_name,
        },
    )
    async with AsyncSession(engine) as session:
        query = "SELECT 'alice'"
        print(await session.scalar(text(query)))
        await session.commit()
        print(await session.scalar(text(query)))
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
