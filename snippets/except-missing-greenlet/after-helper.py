# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "psycopg[binary]>=3.3,<4"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import (
    MissingGreenlet,
    SQLAlchemyError,
)
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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
def is_missing_greenlet(error: BaseException) -> bool:
    inner = getattr(error, "orig", error)
    return isinstance(inner, MissingGreenlet)


def label(user: User) -> str:
    try:
        name = user.organization.name
    except SQLAlchemyError as error:
        if not is_missing_greenlet(error):
            raise
        name = "not loaded"
    return f"{user.name}: {name}"


# --8<-- [end:example]


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+psycopg://localhost/postgres")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    async with AsyncSession(engine) as session:
        print(label(await session.scalar(select(User))))

    await engine.dispose()


asyncio.run(main())
