# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
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
    posts: Mapped[list[Post]] = relationship()


# --8<-- [start:example]
async def one_by_one(session: AsyncSession) -> None:
    for user in await session.scalars(select(User)):
        await user.awaitable_attrs.posts


async def all_at_once(session: AsyncSession) -> None:
    query = select(User).options(selectinload(User.posts))
    for user in await session.scalars(query):
        len(user.posts)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    print("users  awaitable_attrs  selectinload")
    for users in (1, 10, 100):
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(User(posts=[Post(), Post()]) for _ in range(users))
            await session.commit()

        counts = []
        for way in (one_by_one, all_at_once):
            statements.clear()
            async with AsyncSession(engine) as session:
                await way(session)
            counts.append(len(statements))
        print(f"{users:5}  {counts[0]:15}  {counts[1]:12}")

    await engine.dispose()


asyncio.run(main())
