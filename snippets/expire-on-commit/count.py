# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os

from sqlalchemy import String, event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:example]
async def refresh_each(session: AsyncSession) -> list[str]:
    users = (await session.scalars(select(User))).all()
    await session.commit()
    for user in users:
        await session.refresh(user)
    return [user.name for user in users]


async def select_again(session: AsyncSession) -> list[str]:
    users = (await session.scalars(select(User))).all()
    await session.commit()
    await session.scalars(select(User))
    return [user.name for user in users]


async def only_read(session: AsyncSession) -> list[str]:
    users = (await session.scalars(select(User))).all()
    await session.commit()
    return [user.name for user in users]


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    print("users  refresh each  select again  expire_on_commit=False")
    for users in (1, 10, 100):
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            session.add_all(User(name="alice") for _ in range(users))
            await session.commit()

        counts = []
        for way, expire in (
            (refresh_each, True),
            (select_again, True),
            (only_read, False),
        ):
            statements.clear()
            async with AsyncSession(engine, expire_on_commit=expire) as session:
                await way(session)
            counts.append(len(statements))
        print(f"{users:5}  {counts[0]:12}  {counts[1]:12}  {counts[2]:22}")

    await engine.dispose()


asyncio.run(main())
