# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import NullPool, text
from sqlalchemy.ext.asyncio import create_async_engine

url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")


class Store:
    """Stands for a class of a library, with an engine of its own."""

    async def load(self) -> int:
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.connect() as connection:
            return await connection.scalar(text("SELECT 42"))

    def documents(self) -> int:
        return asyncio.get_event_loop().run_until_complete(self.load())

    async def adocuments(self) -> int:
        return await asyncio.to_thread(self.documents)


store = Store()


# --8<-- [start:example]
def documents() -> int:
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        return store.documents()
    finally:
        asyncio.set_event_loop(None)
        loop.close()


async def main() -> None:
    # Not: await store.adocuments()
    print(await asyncio.to_thread(documents), "documents")
    # --8<-- [end:example]


asyncio.run(main())
