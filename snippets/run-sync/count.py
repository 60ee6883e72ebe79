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
    Session,
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
    posts: Mapped[list[Post]] = relationship()


# --8<-- [start:example]
def lazily(session: Session) -> None:
    for user in session.scalars(select(User)):
        len(user.posts)


def eagerly(session: Session) -> None:
    query = select(User).options(selectinload(User.posts))
    for user in session.scalars(query):
        len(user.posts)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    print("users  lazily  eagerly")
    for users in (1, 10, 100):
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(User(posts=[Post(), Post()]) for _ in range(users))
            await session.commit()

        counts = []
        for way in (lazily, eagerly):
            statements.clear()
            async with AsyncSession(engine) as session:
                await session.run_sync(way)
            counts.append(len(statements))
        print(f"{users:5}  {counts[0]:6}  {counts[1]:7}")

    await engine.dispose()


asyncio.run(main())
