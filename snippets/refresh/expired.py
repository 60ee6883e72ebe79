# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
import re

from sqlalchemy import ForeignKey, String, event, inspect, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    team_id: Mapped[int] = mapped_column(
        ForeignKey("organizations.id"),
    )
    team: Mapped[Organization] = relationship(
        lazy="selectin",
    )
    posts: Mapped[list[Post]] = relationship()


FORMS = [
    None,
    ["name"],
    ["posts"],
    ["name", "posts"],
    ["team"],
]


async def load(session: AsyncSession) -> User:
    user = (await session.scalars(select(User))).one()
    await session.refresh(user, ["posts"])
    await session.commit()
    return user


# --8<-- [end:example]

KEYS = ("id", "name", "team_id", "team", "posts")


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(User(name="alice", team=Organization(), posts=[Post()]))
        await session.commit()

    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        short = re.sub(r"\w+\.| AS \w+| WHERE.*", "", " ".join(statement.split()))
        statements.append(short)

    for names in FORMS:
        async with AsyncSession(engine) as session:
            user = await load(session)
            statements.clear()
            await session.refresh(user, names)
            print(f"refresh(user, {names})" if names else "refresh(user)")
            print("  " + "\n  ".join(statements))
            missing = inspect(user).unloaded
            print("  loaded:", ", ".join(key for key in KEYS if key not in missing))

    await engine.dispose()


asyncio.run(main())
