# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import tempfile
import warnings
from collections.abc import Awaitable

from sqlalchemy import ForeignKey, NullPool, String, select
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_scoped_session,
    async_sessionmaker,
    create_async_engine,
)
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
def sessions(url: str) -> dict:
    engine = create_async_engine(url)
    no_pool = create_async_engine(url, poolclass=NullPool)
    return {
        "autoflush=False": async_sessionmaker(
            engine,
            autoflush=False,
        ),
        "NullPool": async_sessionmaker(no_pool),
        "async_scoped_session": async_scoped_session(
            async_sessionmaker(engine),
            scopefunc=asyncio.current_task,
        ),
    }


async def read(Session, query) -> int:
    async with Session() as session:
        user = (await session.scalars(query)).one()
        return len(user.posts)


# --8<-- [end:example]


async def show(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", posts=[Post(title="Hello")]))
        await session.commit()
    await engine.dispose()

    loaded = select(User).options(selectinload(User.posts))
    for name, Session in sessions(url).items():
        print(name)
        print(f"  not loaded: {await outcome(read(Session, select(User)))}")
        print(f"  selectinload(): {await outcome(read(Session, loaded))}")
        async with Session() as session:
            await session.bind.dispose()


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/claims.db"
        await show(url)


asyncio.run(main())
