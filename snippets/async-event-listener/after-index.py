# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, event
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    mapped_column,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def index(name: str) -> None:
    """Stands for a call of a search engine's client."""
    await asyncio.sleep(0)
    print(f"indexed {name}")


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    # --8<-- [start:example]
    @event.listens_for(Session, "after_flush")
    def collect(session, _):
        names = session.info.setdefault("names", [])
        names += [user.name for user in session.new]

    async with AsyncSession(engine) as session:
        session.add(User(name="alice"))
        await session.commit()
        for name in session.info.pop("names"):
            await index(name)
    print("committed")
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
