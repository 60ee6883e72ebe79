# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings
from collections.abc import Awaitable

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

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


async def outcome(reading: Awaitable) -> object:
    [value] = await asyncio.gather(reading, return_exceptions=True)
    if isinstance(value, Exception):
        return type(getattr(value, "orig", value)).__name__
    return value


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(
        ForeignKey(Organization.id),
    )
    organization: Mapped[Organization] = relationship(
        lazy="joined",
    )
    posts: Mapped[list[Post]] = relationship(
        lazy="selectin",
    )


async def create(session: AsyncSession) -> None:
    user = User(organization_id=1)
    session.add(user)
    await session.flush()
    await show("new object, after the flush", user)
    await session.refresh(user)
    await show("the same, after refresh(user)", user)


async def query(session: AsyncSession) -> None:
    user = (await session.scalars(select(User))).one()
    await show("returned by a query", user)


# --8<-- [end:example]


async def read(user: User, name: str) -> str:
    getattr(user, name)
    return "loaded"


async def show(when: str, user: User) -> None:
    print(when)
    for name in "organization", "posts":
        print(f"  user.{name}: {await outcome(read(user, name))}")


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session, session.begin():
        session.add(Organization(id=1))
    async with AsyncSession(engine) as session, session.begin():
        await create(session)
    async with AsyncSession(engine) as session:
        await query(session)

    await engine.dispose()


asyncio.run(main())
