# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import warnings

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")
ticks = 0
sent: list[str] = []


class Base(AsyncAttrs, DeclarativeBase):
    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    posts: Mapped[list[Post]] = relationship()


async def heartbeat() -> None:
    global ticks
    while True:
        ticks += 1
        await asyncio.sleep(0)


# --8<-- [start:example]
async def blocked_loop(user: User) -> int:
    start = ticks
    sum(range(3_000_000))
    print(f"heartbeats while blocked: {ticks - start}")
    posts = await user.awaitable_attrs.posts
    print(f"heartbeats afterwards: {ticks > start}")
    return len(posts)


async def lazy_read(user: User) -> int:
    return len(user.posts)


async def show(session: AsyncSession) -> None:
    for read in (blocked_loop, lazy_read):
        session.expunge_all()
        user = (await session.scalars(select(User))).one()
        sent.clear()
        [outcome] = await asyncio.gather(
            read(user),
            return_exceptions=True,
        )
        if isinstance(outcome, Exception):
            outcome = getattr(outcome, "orig", outcome)
            outcome = type(outcome).__name__
        print(f"{read.__name__}: {outcome}")
        print(f"  statements sent to SQLite: {len(sent)}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
        raw = await connection.get_raw_connection()
        await raw.driver_connection.set_trace_callback(sent.append)
    task = asyncio.create_task(heartbeat())

    async with AsyncSession(engine) as session:
        session.add(User(posts=[Post()]))
        await session.commit()
    async with AsyncSession(engine) as session:
        await show(session)

    task.cancel()
    await engine.dispose()


asyncio.run(main())
