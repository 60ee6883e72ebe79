# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
from collections.abc import Awaitable, Callable

from sqlalchemy import String, delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))


# --8<-- [start:example]
async def without_begin(session: AsyncSession) -> None:
    await session.execute(delete(User))


async def with_begin(session: AsyncSession) -> None:
    async with session.begin():
        await session.execute(delete(User))


async def error_inside(session: AsyncSession) -> None:
    async with session.begin():
        await session.execute(delete(User))
        raise ValueError("after the deletion")


async def query_before(session: AsyncSession) -> None:
    await session.execute(select(User))
    async with session.begin():
        await session.execute(delete(User))


# --8<-- [end:example]


async def show(delete_users: Callable[[AsyncSession], Awaitable[None]]) -> None:
    async with AsyncSession(engine) as session, session.begin():
        await session.execute(delete(User))
        session.add(User(name="alice"))
    async with AsyncSession(engine) as session:
        [error] = await asyncio.gather(delete_users(session), return_exceptions=True)
    async with AsyncSession(engine) as session:
        left = await session.scalar(select(func.count(User.id)))
    print(f"{delete_users.__name__}: {left} left")
    if error:
        print(f"  {type(error).__name__}: {error}")


async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    await show(without_begin)
    await show(with_begin)
    await show(error_inside)
    await show(query_before)

    await engine.dispose()


asyncio.run(main())
