# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "asyncpg>=0.32,<1"]
# ///
import asyncio
import os

from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import create_async_engine


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")
    engine = create_async_engine(url)
    point = text("SELECT point '(1, 2)'")

    # --8<-- [start:example]
    @event.listens_for(engine.sync_engine, "connect")
    def codecs(dbapi, _):
        dbapi.run_async(
            lambda connection: connection.set_type_codec(
                "point",
                schema="pg_catalog",
                encoder=str,
                decoder=str,
            )
        )

    async with engine.connect() as connection:
        print(repr(await connection.scalar(point)))
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
