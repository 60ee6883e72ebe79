# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.util import greenlet_spawn

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
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


async def outcome(reading: Awaitable) -> object:
    [value] = await asyncio.gather(reading, return_exceptions=True)
    if isinstance(value, Exception):
        return type(getattr(value, "orig", value)).__name__
    return value


# --8<-- [start:example]
def report(user: User) -> str:
    return user.organization.name


async def async_report(user: User) -> str:
    return user.organization.name


async def show(session: AsyncSession, user: User) -> None:
    result = await greenlet_spawn(async_report, user)
    print(f"coroutine function: {type(result).__name__}")
    print(f"  and awaited: {await outcome(result)}")

    result = await greenlet_spawn(report, user)
    print(f"function: {result}")

    session.expire(user)
    result = await session.run_sync(lambda _: report(user))
    print(f"function, by run_sync(): {result}")


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(organization=Organization(name="Library")))
        await session.commit()

    async with AsyncSession(engine) as session:
        user = (await session.scalars(select(User))).one()
        await show(session, user)

    await engine.dispose()


asyncio.run(main())
