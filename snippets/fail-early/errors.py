# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    raiseload,
    relationship,
)

warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Comment(Base):
    __tablename__ = "comments"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id = mapped_column(
        ForeignKey("organizations.id"),
    )
    organization: Mapped[Organization] = relationship(
        lazy="raise",
    )
    posts: Mapped[list[Post]] = relationship(
        lazy="raise_on_sql",
    )
    comments: Mapped[list[Comment]] = relationship()


CASES = {
    'lazy="raise"': ["organization"],
    'lazy="raise_on_sql"': ["posts"],
    'raiseload("*")': ["comments", raiseload("*")],
    "none of them": ["comments"],
}


async def read(session: AsyncSession, name: str, *options):
    query = select(User).options(*options)
    return getattr(await session.scalar(query), name)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(organization=Organization()))
        await session.commit()

    for label, (name, *options) in CASES.items():
        async with AsyncSession(engine) as session:
            reading = read(session, name, *options)
            [error] = await asyncio.gather(reading, return_exceptions=True)
        error = getattr(error, "orig", error)
        message = str(error).partition(";")[0]
        print(f"{label}:\n  {type(error).__name__}\n  {message}")

    await engine.dispose()


asyncio.run(main())
