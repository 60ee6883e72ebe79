# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    joinedload,
    mapped_column,
    relationship,
)


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


url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")

# --8<-- [start:example]
engine = create_async_engine(url)
AsyncSession = async_sessionmaker(
    engine,
    expire_on_commit=False,
)


def names(session: Session) -> list[str]:
    users = session.scalars(select(User))
    return [user.organization.name for user in users]


async def names_by_bridge() -> list[str]:
    async with AsyncSession() as session:
        return await session.run_sync(names)


async def names_rewritten() -> list[str]:
    organization = joinedload(User.organization)
    query = select(User).options(organization)
    async with AsyncSession() as session:
        users = await session.scalars(query)
        return [user.organization.name for user in users]


# --8<-- [end:example]
async def main() -> None:
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()
    print(await names_by_bridge())
    print(await names_rewritten())
    await engine.dispose()


asyncio.run(main())
