# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import threading

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    turns = 0

    async def other_task() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    # --8<-- [start:example]
    def query(session: Session) -> threading.Thread:
        session.scalars(select(User)).all()
        return threading.current_thread()

    def compute(_: Session) -> threading.Thread:
        sum(range(1_000_000))
        return threading.current_thread()

    task = asyncio.create_task(other_task())
    for work in (query, compute):
        async with AsyncSession(engine) as session:
            turns = 0
            thread = await session.run_sync(work)
            print(f"{work.__name__}, in {thread.name}:")
            print("  other tasks ran:", turns > 0)
    # --8<-- [end:example]

    task.cancel()
    await engine.dispose()


asyncio.run(main())
