# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    raiseload,
    relationship,
)


class Base(AsyncAttrs, DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(organization=Organization()))
        await session.commit()

    # --8<-- [start:example]
    async with AsyncSession(engine) as session:
        closed = await session.scalar(select(User))
    async with AsyncSession(engine) as session:
        query = select(User).options(raiseload("*"))
        forbidden = await session.scalar(query)
        results = await asyncio.gather(
            closed.awaitable_attrs.organization,
            forbidden.awaitable_attrs.organization,
            return_exceptions=True,
        )
    for result in results:
        print(type(result).__name__)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
