# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "psycopg[binary]>=3.3,<4"]
# ///
import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import ForeignKey, String, select
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
@contextmanager
def raises_missing_greenlet() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        if not is_missing_greenlet(error):
            raise
    else:
        raise AssertionError("nothing was raised")


async def test_not_loaded(session: AsyncSession) -> None:
    user = await session.scalar(select(User))
    with raises_missing_greenlet():
        print(user.organization.name)


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
        await test_not_loaded(session)
    print("passed")

    await engine.dispose()


asyncio.run(main())
