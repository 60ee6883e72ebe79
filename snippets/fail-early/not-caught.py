# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    defer,
    mapped_column,
    raiseload,
    relationship,
)

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Draft(Base):
    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    notes: Mapped[str] = mapped_column(deferred=True)
    diary: Mapped[str] = mapped_column(
        deferred=True,
        deferred_raiseload=True,
    )
    posts: Mapped[list[Post]] = relationship()
    drafts: Mapped[list[Draft]] = relationship(lazy="raise")


strict = select(User).options(raiseload("*"))


async def expired_column(session):
    user = await session.scalar(strict)
    await session.commit()
    return user.name


async def deferred_column(session):
    user = await session.scalar(strict)
    return user.notes


async def deferred_raiseload(session):
    user = await session.scalar(strict)
    return user.diary


async def defer_with_raiseload(session):
    option = defer(User.name, raiseload=True)
    user = await session.scalar(strict.options(option))
    return user.name


async def new_object(session):
    user = User(name="bob", notes="", diary="")
    session.add(user)
    await session.flush()
    return user.posts


async def new_object_lazy_raise(session):
    user = User(name="bob", notes="", diary="")
    session.add(user)
    await session.flush()
    return user.drafts


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", notes="", diary="", posts=[Post()]))
        await session.commit()

    for read in (
        expired_column,
        deferred_column,
        deferred_raiseload,
        defer_with_raiseload,
        new_object,
        new_object_lazy_raise,
    ):
        async with AsyncSession(engine) as session:
            [error] = await asyncio.gather(read(session), return_exceptions=True)
        error = getattr(error, "orig", error)
        print(f"{read.__name__:23}{type(error).__name__}")

    await engine.dispose()


asyncio.run(main())
