# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import re
import textwrap

from sqlalchemy import ForeignKey, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    immediateload,
    joinedload,
    lazyload,
    mapped_column,
    relationship,
    selectinload,
    subqueryload,
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
        session.add_all(User(organization=Organization()) for _ in range(2))
        await session.commit()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def print_statement(_connection, _cursor, statement, *_):
        line = re.sub("SELECT .*? FROM", "SELECT … FROM", " ".join(statement.split()))
        print(textwrap.fill(line, 58, initial_indent="  ", subsequent_indent="    "))

    # --8<-- [start:example]
    for strategy in (
        selectinload,
        joinedload,
        subqueryload,
        immediateload,
        lazyload,
    ):
        print(strategy.__name__)
        option = strategy(User.organization)
        query = select(User).options(option)
        async with AsyncSession(engine) as session:
            users = await session.scalars(query)
            for user in users.unique():
                await user.awaitable_attrs.organization
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
