# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback

from sqlalchemy import String
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


def refused(read):
    """The error that `read()` raises for want of a greenlet, and the functions in its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    raise AssertionError("the read was not refused")


async def frame(Session):
    """The traceback contains `_load_expired`."""
    async with Session() as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        _, frames = refused(lambda: user.name)
    assert "_load_expired" in frames
    return "_load_expired"


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in (frame,):
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
