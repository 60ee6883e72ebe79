# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

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
async def unloaded(session: AsyncSession, user: User):
    session.expunge(user)
    return len(user.posts)


async def commit_only(session: AsyncSession, user: User):
    await session.commit()
    return user.name


async def expunge_before(session: AsyncSession, user: User):
    session.expunge(user)
    await session.commit()
    return user.name


async def expunge_after(session: AsyncSession, user: User):
    await session.commit()
    session.expunge(user)
    return user.name


async def change(session: AsyncSession, user: User):
    user.name = "bob"
    session.expunge(user)
    await session.commit()
    return await session.scalar(select(User.name))


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post(title="Hello")]))
        await session.commit()

    for read in unloaded, commit_only, expunge_before, expunge_after, change:
        async with AsyncSession(engine) as session:
            user = (await session.scalars(select(User))).one()
            print(f"{read.__name__}: {await outcome(read(session, user))}")

    await engine.dispose()


asyncio.run(main())
