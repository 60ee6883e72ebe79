# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

VALUES = ("select", "raise", "joined", "selectin", "subquery", "immediate")


def models(lazy):
    class Base(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class Post(Base):
        __tablename__ = "posts"
        user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    class User(Base):
        __tablename__ = "users"
        posts: Mapped[list[Post]] = relationship(lazy=lazy)

    return User, Post


# --8<-- [start:example]
async def nothing_reads_the_posts(session, User):
    users = await session.scalars(select(User))
    return [user.id for user in users.unique()]


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements = []
    counts = {}

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    for users in (1, 10, 100):
        User, Post = models("select")
        async with engine.begin() as connection:
            await connection.run_sync(User.metadata.drop_all)
            await connection.run_sync(User.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(User(posts=[Post(), Post()]) for _ in range(users))
            await session.commit()
        for lazy in VALUES:
            User, _ = models(lazy)
            statements.clear()
            async with AsyncSession(engine) as session:
                await nothing_reads_the_posts(session, User)
            counts[lazy, users] = len(statements)

    print("lazy=      1 user  10 users  100 users")
    for lazy in VALUES:
        one, ten, hundred = (counts[lazy, users] for users in (1, 10, 100))
        print(f"{lazy:9}  {one:6}  {ten:8}  {hundred:9}")

    await engine.dispose()


asyncio.run(main())
