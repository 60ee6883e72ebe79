# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.ext.asyncio import AsyncAttrs, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    notes: Mapped[str] = mapped_column(deferred=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine) as session:
        library = Organization(name="Library")
        session.add(User(name="alice", notes="likes maps", organization=library))
        await session.commit()

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def print_statement(_connection, _cursor, statement, *_):
        print("  SELECT … FROM", " ".join(statement.partition("FROM")[2].split()))

    # --8<-- [start:example]
    async with AsyncSession(engine) as session:
        user = await session.scalar(select(User))
        library = await user.awaitable_attrs.organization
        print("relationship:", library.name)
        print("loaded now:", user.organization.name)

        notes = await user.awaitable_attrs.notes
        print("deferred column:", notes)

        await session.commit()
        name = await user.awaitable_attrs.name
        print("expired column:", name)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
