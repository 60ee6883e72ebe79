# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import re

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
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


# --8<-- [start:example]
def members(session: Session) -> list[str]:
    users = session.scalars(select(User).order_by(User.id))
    return [user.organization.name for user in users]


async def show(session: AsyncSession) -> None:
    print(await session.run_sync(members))


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        session.add(User(id=1, name="alice", organization=Organization(name="Library")))
        session.add(User(id=2, name="bob", organization=Organization(name="Museum")))
        await session.commit()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def print_statement(_connection, _cursor, statement, *_):
        statement = " ".join(statement.split())
        print(re.sub("SELECT .*? FROM", "  SELECT … FROM", statement))

    async with AsyncSession(engine) as session:
        await show(session)

    await engine.dispose()


asyncio.run(main())
