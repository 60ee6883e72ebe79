# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
from collections.abc import Awaitable

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
)


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
async def collection(session: AsyncSession) -> str:
    query = select(User).options(joinedload(User.posts))
    users = (await session.scalars(query)).all()
    return users[0].posts[0].title


async def collection_unique(session: AsyncSession) -> str:
    query = select(User).options(joinedload(User.posts))
    users = (await session.scalars(query)).unique().all()
    return users[0].posts[0].title


async def many_to_one(session: AsyncSession) -> str:
    query = select(Post).options(joinedload(Post.user))
    posts = (await session.scalars(query)).all()
    return posts[0].user.name


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
        "before_cursor_execute",
        lambda *call: statements.append(call),
    )
    for read in collection, collection_unique, many_to_one:
        statements.clear()
        async with AsyncSession(engine) as session:
            value = await outcome(read(session))
        print(f"{read.__name__}: {value} (SELECTs: {len(statements)})")

    await engine.dispose()


asyncio.run(main())
