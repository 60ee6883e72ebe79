# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import (
    ForeignKey,
    String,
    select,
)
from sqlalchemy.exc import MissingGreenlet, SQLAlchemyError
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


def is_missing_greenlet(error: BaseException) -> bool:
    inner = getattr(error, "orig", error)
    return isinstance(inner, MissingGreenlet)


# --8<-- [start:example]
def label(user: User) -> str:
    try:
        return user.organization.name  # warns RuntimeWarning: coroutine on 2.1
    except SQLAlchemyError as error:
        if not is_missing_greenlet(error):
            raise
        return "not loaded"


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    async with AsyncSession(engine) as session:
        print(label(await session.scalar(select(User))))

    await engine.dispose()


asyncio.run(main())
