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
    return "no error" if value is None else value


# --8<-- [start:example]
async def read_posts(user: User) -> int:
    return len(user.posts)


async def read_first(session: AsyncSession, user: User):
    value = await outcome(read_posts(user))
    print(f"  user.posts: {value}")
    user.name = "bob"
    value = await outcome(session.commit())
    print(f"  commit(): {value}")


async def change_first(session: AsyncSession, user: User):
    user.name = "bob"
    value = await outcome(read_posts(user))
    print(f"  user.posts: {value}")
    value = await outcome(session.commit())
    print(f"  commit(): {value}")


async def without_autoflush(
    session: AsyncSession,
    user: User,
):
    with session.no_autoflush:
        await change_first(session, user)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    for example in read_first, change_first, without_autoflush:
        print(example.__name__)
        async with AsyncSession(engine) as session:
            session.add(User(name="alice"))
            await session.commit()
        async with AsyncSession(engine) as session:
            query = select(User).order_by(User.id.desc()).limit(1)
            user = (await session.scalars(query)).one()
            await example(session, user)
        async with AsyncSession(engine) as session:
            print(f"  in the database: {(await session.scalars(query)).one().name}")

    await engine.dispose()


asyncio.run(main())
