# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio

from sqlalchemy import DDL, FetchedValue, event, text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    __mapper_args__ = {"eager_defaults": True}
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    version: Mapped[int] = mapped_column(
        server_default=text("1"),
        server_onupdate=FetchedValue(),
    )


TRIGGER = DDL("""
    CREATE TRIGGER next_version AFTER UPDATE OF name
    ON users BEGIN
        UPDATE users SET version = version + 1
        WHERE id = new.id;
    END
""")
event.listen(User.__table__, "after_create", TRIGGER)


async def rename(user: User, session: AsyncSession):
    user.name = "bob"
    await session.commit()
    print("by RETURNING:", user.version)
    await session.refresh(user)
    print("in the database:", user.version)


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine("sqlite+aiosqlite://")
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)

    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        await rename(user, session)

    await engine.dispose()


asyncio.run(main())
