# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import warnings

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    load_only,
    mapped_column,
    relationship,
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


# --8<-- [start:example]
async def column(session: AsyncSession) -> int:
    user = await session.scalar(select(User))
    return user.organization_id


async def related_object(session: AsyncSession) -> int:
    user = await session.scalar(select(User))
    return user.organization.id


async def column_after_commit(session: AsyncSession) -> int:
    user = await session.scalar(select(User))
    await session.commit()
    return user.organization_id


async def column_left_out(session: AsyncSession) -> int:
    query = select(User).options(load_only(User.name))
    user = await session.scalar(query)
    return user.organization_id


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    for read in (column, related_object, column_after_commit, column_left_out):
        async with AsyncSession(engine) as session:
            [outcome] = await asyncio.gather(read(session), return_exceptions=True)
            if isinstance(outcome, Exception):
                outcome = type(getattr(outcome, "orig", outcome)).__name__
            print(f"{read.__name__}: {outcome}")

    await engine.dispose()


asyncio.run(main())
