# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "users"
    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(back_populates="user")


class Post(Base):
    __tablename__ = "posts"
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    user: Mapped[User] = relationship(back_populates="posts")


async def outcome(reading: Awaitable) -> object:
    [value] = await asyncio.gather(reading, return_exceptions=True)
    if isinstance(value, Exception):
        return type(getattr(value, "orig", value)).__name__
    return value


# --8<-- [start:example]
QUERY = select(User).options(selectinload(User.posts))


async def scalar(session: AsyncSession) -> int:
    user = await session.scalar(QUERY)
    return len(user.posts)


async def scalars_one(session: AsyncSession) -> int:
    user = (await session.scalars(QUERY)).one()
    return len(user.posts)


async def without_option(session: AsyncSession) -> int:
    user = await session.scalar(select(User))
    return len(user.posts)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post(title="Hello")]))
        await session.commit()

    statements = []
    event.listen(
        engine.sync_engine,
        "after_cursor_execute",
        lambda *call: statements.append(call),
    )
    for read in scalar, scalars_one, without_option:
        statements.clear()
        async with AsyncSession(engine) as session:
            value = await outcome(read(session))
        print(f"{read.__name__}: {value} (SELECTs: {len(statements)})")

    await engine.dispose()


asyncio.run(main())
