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
    WriteOnlyMapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    pass


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list[Post]] = relationship(overlaps="stream")
    stream: WriteOnlyMapped[Post] = relationship(overlaps="posts")


# --8<-- [start:example]
async def add_to_list(session: AsyncSession) -> None:
    user = await session.get_one(User, 1)
    await session.refresh(user, ["posts"])
    user.posts.append(Post())
    await session.commit()


async def add_write_only(session: AsyncSession) -> None:
    user = await session.get_one(User, 1)
    user.stream.add(Post())
    await session.commit()


async def read_lists(session: AsyncSession) -> None:
    query = select(User).options(selectinload(User.posts))
    for user in await session.scalars(query):
        len(user.posts)


async def read_write_only(session: AsyncSession) -> None:
    for user in await session.scalars(select(User)):
        await session.scalars(user.stream.select())


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements, loaded = [], []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note_statement(_connection, _cursor, statement, *_):
        statements.append(statement)

    @event.listens_for(Post, "load")
    def note_post(post, _context):
        loaded.append(post)

    async def measure(way, users: int, posts: int) -> str:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            for _ in range(users):
                session.add(User(posts=[Post() for _ in range(posts)]))
            await session.commit()
        statements.clear()
        loaded.clear()
        async with AsyncSession(engine) as session:
            await way(session)
        return f"{len(statements)} ({len(loaded)})"

    print("adding one post: statements (posts loaded)")
    print("posts  list       write-only")
    for posts in (1, 10, 100):
        as_list = await measure(add_to_list, 1, posts)
        print(f"{posts:5}  {as_list:9}  {await measure(add_write_only, 1, posts)}")

    print("reading all posts: statements (posts loaded)")
    print("users  list       write-only")
    for users in (1, 10, 100):
        as_list = await measure(read_lists, users, 2)
        print(f"{users:5}  {as_list:9}  {await measure(read_write_only, users, 2)}")

    await engine.dispose()


asyncio.run(main())
