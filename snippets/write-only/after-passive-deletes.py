# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    pass


# --8<-- [start:example]
class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(
        ForeignKey("users.id", ondelete="CASCADE"),
    )


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    posts: WriteOnlyMapped[Post] = relationship(
        cascade="all, delete-orphan",
        passive_deletes=True,
    )


async def leave(user: User, session: AsyncSession) -> None:
    await session.delete(user)
    await session.commit()


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))

    @event.listens_for(engine.sync_engine, "connect")
    def enforce_foreign_keys(connection, _record):
        if engine.dialect.name == "sqlite":
            connection.execute("PRAGMA foreign_keys = ON")

    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(id=1, posts=[Post(), Post()]))
        await session.commit()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def print_deletion(_connection, _cursor, statement, *_):
        if statement.startswith("DELETE"):
            print(statement)

    async with AsyncSession(engine) as session:
        await leave(await session.get_one(User, 1), session)
        count = await session.scalar(select(func.count(Post.id)))
        print(f"posts left: {count}")

    await engine.dispose()


asyncio.run(main())
