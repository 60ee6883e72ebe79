# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
from datetime import datetime

from sqlalchemy import String, event, func, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


def user_class(setting):
    class Base(DeclarativeBase):
        type_annotation_map = {str: String(100)}
        __mapper_args__ = {"eager_defaults": setting}

    class User(Base):
        __tablename__ = "users"
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        updated_at: Mapped[datetime] = mapped_column(
            server_default=func.now(), onupdate=func.now()
        )

    return User


# --8<-- [start:example]
async def rename(session: AsyncSession, users) -> None:
    for user in users:
        user.name = "bob"
    await session.commit()


async def rename_and_refresh(session, users) -> None:
    await rename(session, users)
    for user in users:
        await session.refresh(user, ["updated_at"])


WAYS = [
    ("auto", rename),
    ("auto", rename_and_refresh),
    (True, rename),
]
# --8<-- [end:example]


async def count(setting, way, number: int) -> int:
    """How many statements `way` sends for that number of users."""
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    user_type = user_class(setting)
    statements = []
    async with engine.begin() as connection:
        await connection.run_sync(user_type.metadata.drop_all)
        await connection.run_sync(user_type.metadata.create_all)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        session.add_all(user_type(name="alice") for _ in range(number))
        await session.commit()
        users = (await session.scalars(select(user_type))).all()

        @event.listens_for(engine.sync_engine, "before_cursor_execute")
        def note(_connection, _cursor, statement, *_):
            statements.append(statement)

        await way(session, users)
    await engine.dispose()
    return len(statements)


async def main() -> None:
    print('users  "auto"  "auto" + refresh  True')
    for number in (1, 10, 100):
        counts = [await count(setting, way, number) for setting, way in WAYS]
        print(f"{number:5}  {counts[0]:6}  {counts[1]:16}  {counts[2]:4}")


asyncio.run(main())
