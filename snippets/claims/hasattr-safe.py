# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable

from sqlalchemy import ForeignKey, String, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
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


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


async def outcome(reading: Awaitable) -> object:
    [value] = await asyncio.gather(reading, return_exceptions=True)
    if isinstance(value, Exception):
        return type(getattr(value, "orig", value)).__name__
    return value


# --8<-- [start:example]
async def with_hasattr(user: User) -> bool:
    return hasattr(user, "organization")


async def with_getattr(user: User) -> bool:
    return getattr(user, "organization", None) is not None


async def with_inspect(user: User) -> bool:
    return "organization" not in inspect(user).unloaded


async def show(user: User) -> None:
    for test in with_hasattr, with_getattr, with_inspect:
        value = await outcome(test(user))
        print(f"  {test.__name__}: {value}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    async with AsyncSession(engine) as session:
        print("not loaded")
        await show((await session.scalars(select(User))).one())
    async with AsyncSession(engine) as session:
        print("loaded")
        query = select(User).options(selectinload(User.organization))
        await show((await session.scalars(query)).one())

    await engine.dispose()


asyncio.run(main())
