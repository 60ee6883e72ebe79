# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "psycopg[binary]>=3.3,<4"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


# --8<-- [start:example]
def is_missing_greenlet(error: BaseException) -> bool:
    inner = getattr(error, "orig", error)
    return isinstance(inner, MissingGreenlet)


def group(error: Exception) -> str:
    if is_missing_greenlet(error):
        return "attribute not loaded"
    return "other"


# --8<-- [end:example]


async def lazy_load(session: AsyncSession) -> None:
    user = await session.scalar(select(User))
    print(user.organization.name)


async def expired(session: AsyncSession) -> None:
    user = await session.scalar(select(User))
    await session.commit()
    print(user.name)


async def detached(session: AsyncSession) -> None:
    user = await session.scalar(select(User))
    await session.close()
    print(user.organization.name)


async def not_unique(session: AsyncSession) -> None:
    session.add(Organization(name="Library"))
    await session.commit()


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+psycopg://localhost/postgres")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    for handler in (lazy_load, expired, detached, not_unique):
        async with AsyncSession(engine) as session:
            [error] = await asyncio.gather(handler(session), return_exceptions=True)
            print(f"{handler.__name__}: {type(error).__name__}: {group(error)}")

    await engine.dispose()


asyncio.run(main())
