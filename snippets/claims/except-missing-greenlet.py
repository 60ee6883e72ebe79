# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "asyncpg>=0.32,<1",
# ]
# ///
import asyncio
import logging
import os
import warnings

from sqlalchemy import String, make_url
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

logging.disable()
warnings.filterwarnings("ignore", "coroutine '.*cursor'")
URL = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def read(user: User) -> str:
    return user.name


# --8<-- [start:example]
async def show(url: str, ping: bool) -> None:
    engine = create_async_engine(url, pool_pre_ping=ping)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        [error] = await asyncio.gather(
            read(user),
            return_exceptions=True,
        )
    caught = isinstance(error, MissingGreenlet)
    print(f"{engine.driver}, pool_pre_ping={ping}")
    print(f"  raised: {type(error).__name__}")
    print(f"  except MissingGreenlet catches it: {caught}")
    await engine.dispose()


# --8<-- [end:example]


async def main() -> None:
    psycopg = make_url(URL).set(drivername="postgresql+psycopg")
    for url in ("sqlite+aiosqlite://", URL, psycopg):
        for ping in (False, True):
            await show(url, ping)


asyncio.run(main())
