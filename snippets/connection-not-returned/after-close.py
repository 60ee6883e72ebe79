# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import gc
import os
import threading

from sqlalchemy import AsyncAdaptedQueuePool, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    # --8<-- [start:example]
    async def count_users() -> int:
        session = AsyncSession(engine)
        try:
            users = await session.scalars(select(User))
            return len(users.all())
        finally:
            await session.close()

    print(f"users: {await count_users()}")
    print(engine.pool.status())
    # --8<-- [end:example]

    gc.collect()
    await engine.dispose()
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            await asyncio.to_thread(thread.join)


asyncio.run(main())
