# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, func, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
Session = async_sessionmaker(engine)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


NAMES = ["alice", "bob"]


# --8<-- [start:example]
async def add_user(name: str) -> None:
    async with Session.begin() as session:
        session.add(User(name=name))


def import_users() -> None:
    for name in NAMES:
        loop = asyncio.get_event_loop()  # raises RuntimeError
        loop.run_until_complete(add_user(name))


async def main() -> None:
    await asyncio.to_thread(import_users)
    # --8<-- [end:example]
    async with Session() as session:
        print(await session.scalar(select(func.count(User.id))), "users")


async def with_tables() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    try:
        await main()
    finally:
        await engine.dispose()


asyncio.run(with_tables())
