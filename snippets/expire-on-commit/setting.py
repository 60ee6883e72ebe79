# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, event, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with async_sessionmaker(engine).begin() as session:
        session.add(User(name="alice"))

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def print_statement(_connection, _cursor, statement, *_):
        print("  " + " ".join(statement.split()))

    # --8<-- [start:example]
    new_session = async_sessionmaker(
        engine,
        expire_on_commit=False,
    )
    async with new_session() as session:
        user = (await session.scalars(select(User))).one()
        user.name = "bob"
        await session.commit()
        print("after the commit:", user.name)
    print("after the session:", user.name)
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
