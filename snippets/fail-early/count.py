# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


def models(lazy):
    class Base(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class Post(Base):
        __tablename__ = "posts"
        user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    class User(Base):
        __tablename__ = "users"
        posts: Mapped[list[Post]] = relationship(
            lazy=lazy, cascade="all, delete-orphan"
        )

    return User, Post


# --8<-- [start:example]
async def load(session, User):
    await session.scalars(select(User))


async def load_posts_too(session, User):
    query = select(User).options(selectinload(User.posts))
    for user in await session.scalars(query):
        len(user.posts)


async def delete(session, User):
    user = await session.get(User, 1)
    await session.delete(user)
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    counts = {}
    for lazy in ("select", "raise"):
        User, Post = models(lazy)
        async with engine.begin() as connection:
            await connection.run_sync(User.metadata.drop_all)
            await connection.run_sync(User.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(User(posts=[Post(), Post()]) for _ in range(10))
            await session.commit()
        for work in (load, load_posts_too, delete):
            statements.clear()
            async with AsyncSession(engine) as session:
                await work(session, User)
            counts[work.__name__, lazy] = len(statements)

    print("lazy=           select  raise")
    for work in ("load", "load_posts_too", "delete"):
        print(f"{work:14}  {counts[work, 'select']:6}  {counts[work, 'raise']:5}")

    await engine.dispose()


asyncio.run(main())
