# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from pathlib import Path

import sqlalchemy
from sqlalchemy import exc
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

warnings.filterwarnings("ignore", "coroutine")


async def connect_without_greenlet(engine: AsyncEngine) -> None:
    engine.sync_engine.connect()


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))

    # --8<-- [start:example]
    [error] = await asyncio.gather(
        connect_without_greenlet(engine),
        return_exceptions=True,
    )
    print(f"raised: {type(error).__name__}")

    greenlet = [name for name in dir(exc) if "Greenlet" in name]
    print(f"in sqlalchemy.exc: {', '.join(greenlet)}")

    files = Path(sqlalchemy.__file__).parent.rglob("*.py")
    source = "".join(file.read_text() for file in files)
    for name in "MissingGreenlet", "GreenletSpawnError":
        print(f"{name} in the source: {name in source}")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
