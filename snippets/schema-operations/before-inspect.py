# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine


# --8<-- [start:example]
def has_users(bind: Engine | Connection) -> bool:
    return inspect(bind).has_table("users")  # raises MissingGreenlet


async def check_tables(engine: AsyncEngine) -> None:
    found = has_users(engine.sync_engine)
    print(f"table users exists: {found}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    await check_tables(engine)
    await engine.dispose()


asyncio.run(main())
