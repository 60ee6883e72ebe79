# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import logging
import os
import traceback
import warnings

from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

logging.disable()
warnings.filterwarnings("ignore", "coroutine 'Connection.cursor'")
URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def read(user: User) -> str:
    return user.name


async def show(user: User) -> None:
    [value] = await asyncio.gather(read(user), return_exceptions=True)
    if isinstance(value, Exception):
        frames = traceback.extract_tb(value.__traceback__)
        pinged = any(frame.name == "do_ping" for frame in frames)
        value = type(getattr(value, "orig", value)).__name__
        print(f"  {value}, do_ping in the traceback: {pinged}")
    else:
        print(f"  {value}")


# --8<-- [start:example]
async def commit_and_read(ping: bool, expire: bool) -> None:
    print(f"pool_pre_ping: {ping}, expire: {expire}")
    engine = create_async_engine(URL, pool_pre_ping=ping)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(
        engine,
        expire_on_commit=expire,
    ) as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        await show(user)
    await engine.dispose()


# --8<-- [end:example]


async def main() -> None:
    await commit_and_read(ping=False, expire=True)
    await commit_and_read(ping=True, expire=True)
    await commit_and_read(ping=False, expire=False)
    await commit_and_read(ping=True, expire=False)


asyncio.run(main())
