# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "psycopg[binary]>=3.3,<4"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)


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
async def catch(session: AsyncSession) -> str:
    user = await session.scalar(select(User))
    try:
        return user.organization.name
    except SQLAlchemyError as error:
        if not is_missing_greenlet(error):
            raise
        return "not loaded"


async def catch_and_refresh(session: AsyncSession) -> str:
    user = await session.scalar(select(User))
    try:
        return user.organization.name
    except SQLAlchemyError as error:
        if not is_missing_greenlet(error):
            raise
        await session.refresh(user, ["organization"])
        return user.organization.name


async def load(session: AsyncSession) -> str:
    option = selectinload(User.organization)
    query = select(User).options(option)
    user = await session.scalar(query)
    return user.organization.name


# --8<-- [end:example]


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "postgresql+psycopg://localhost/postgres")
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()

    statements = []
    event.listen(
        engine.sync_engine,
        "after_cursor_execute",
        lambda _connection, _cursor, statement, *_: statements.append(statement),
    )

    for way in (catch, catch_and_refresh, load):
        statements.clear()
        async with AsyncSession(engine) as session:
            result = await way(session)
        print(f"{way.__name__}: {result}, statements: {len(statements)}")

    await engine.dispose()


asyncio.run(main())
