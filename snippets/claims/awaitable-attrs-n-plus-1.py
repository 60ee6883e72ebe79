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
    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    posts: Mapped[list[Post]] = relationship()


# --8<-- [start:example]
async def awaitable_attrs(session: AsyncSession, query):
    count = 0
    for user in (await session.scalars(query)).all():
        count += len(await user.awaitable_attrs.posts)
    return count


async def selectin_load(session: AsyncSession, query):
    query = query.options(selectinload(User.posts))
    users = (await session.scalars(query)).all()
    return sum(len(user.posts) for user in users)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all(User(posts=[Post(), Post()]) for _ in range(100))
        await session.commit()

    statements = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda *call: statements.append(call),
    )
    print("                 users  posts  statements")
    for read in (awaitable_attrs, selectin_load):
        for users in (1, 10, 100):
            statements.clear()
            async with AsyncSession(engine) as session:
                posts = await read(session, select(User).where(User.id <= users))
            print(f"{read.__name__:<15}{users:>7}{posts:>7}{len(statements):>12}")

    await engine.dispose()


asyncio.run(main())
