# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import AsyncAdaptedQueuePool, String, event, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, scoped_session
from sqlalchemy.orm import Session as SyncSession


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main() -> None:
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url, poolclass=AsyncAdaptedQueuePool)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    opened = []
    event.listen(SyncSession, "after_begin", lambda session, *_: opened.append(session))

    # --8<-- [start:example]
    Session = scoped_session(async_sessionmaker(engine))
    names = await Session.scalars(select(User.name))
    print(f"users: {names.all()}")
    Session.remove()  # warns RuntimeWarning: coroutine 'AsyncSession.close'
    print(f"connections in use: {engine.pool.checkedout()}")
    # --8<-- [end:example]

    async with engine.connect() as connection:
        for session in opened:
            await connection.run_sync(lambda _, session=session: session.close())
    await engine.dispose()


asyncio.run(main())
