# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "greenlet>=3.5,<4",
# ]
# ///
import asyncio
import os
import traceback

from greenlet import getcurrent
from sqlalchemy import AsyncAdaptedQueuePool, String, event
from sqlalchemy.exc import TimeoutError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main() -> None:
    engine = create_async_engine(
        os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"),
        poolclass=AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=0.1,
    )
    Session = async_sessionmaker(engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add_all([User(id=1, name="alice"), User(id=2, name="bob")])
        await session.commit()

    both = asyncio.Barrier(2)

    async def send_mail(name: str) -> str:
        """The mail server answers when both mails have come."""
        await both.wait()
        return f"mail to {name} sent"

    async def notify(id: int) -> str:
        async with Session() as session:
            user = await session.get_one(User, id)
            return await send_mail(user.name)

    # --8<-- [start:example]
    holders = {}

    @event.listens_for(engine.pool, "checkout")
    def note(_connection, record, _proxy):
        caller = getcurrent().parent.gr_frame
        own = [
            f"{frame.name}: {frame.line}"
            for frame in traceback.extract_stack(caller)
            if "site-packages" not in frame.filename
        ]
        holders[record] = own[-1]

    @event.listens_for(engine.pool, "checkin")
    def forget(_connection, record):
        holders.pop(record, None)

    tasks = [asyncio.create_task(notify(id)) for id in (1, 2)]
    try:
        await asyncio.gather(*tasks)
    except TimeoutError:
        print(engine.pool.status())
        print(*holders.values(), sep="\n")
    # --8<-- [end:example]

    tasks[0].cancel()
    await asyncio.wait(tasks)
    await engine.dispose()


asyncio.run(main())
