# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: WriteOnlyMapped[Post] = relationship()


# --8<-- [start:example]
async def iterate(user: User):
    return [post.id for post in user.posts]


async def count(user: User):
    return len(user.posts)


async def assign(user: User):
    user.posts = [Post()]


async def load_eagerly(session: AsyncSession):
    query = select(User).options(selectinload(User.posts))
    return await session.scalar(query)


async def load_later(user: User):
    return await user.awaitable_attrs.posts


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(id=1, posts=[Post()]))
        await session.commit()

    async with AsyncSession(engine) as session:
        user = await session.get_one(User, 1)
        attempts = {
            "for post in user.posts": iterate(user),
            "len(user.posts)": count(user),
            "user.posts = [Post()]": assign(user),
            "selectinload(User.posts)": load_eagerly(session),
            "awaitable_attrs.posts": load_later(user),
        }
        for code, attempt in attempts.items():
            [outcome] = await asyncio.gather(attempt, return_exceptions=True)
            print(f"{code:24}  {type(outcome).__name__}")

    await engine.dispose()


asyncio.run(main())
