# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship()


# --8<-- [start:example]
async def columns(session: AsyncSession, users) -> None:
    for user in users:
        await session.refresh(user)


async def and_posts(session: AsyncSession, users) -> None:
    for user in users:
        await session.refresh(user, ["name", "posts"])


async def one_select(session: AsyncSession, users) -> None:
    ids = [user.id for user in users]
    await session.scalars(
        select(User)
        .where(User.id.in_(ids))
        .options(selectinload(User.posts))
        .execution_options(populate_existing=True)
    )


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    print("users  refresh  with posts  one select with posts")
    for number in (1, 10, 100):
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(User(name="a", posts=[Post()]) for _ in range(number))
            await session.commit()

        counts = []
        for way in (columns, and_posts, one_select):
            async with AsyncSession(engine) as session:
                users = (await session.scalars(select(User))).all()
                statements.clear()
                await way(session, users)
            counts.append(len(statements))
        print(f"{number:5}  {counts[0]:7}  {counts[1]:10}  {counts[2]:21}")

    await engine.dispose()


asyncio.run(main())
