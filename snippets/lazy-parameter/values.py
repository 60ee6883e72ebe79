# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import gc
import os
import textwrap
import warnings

from sqlalchemy import ForeignKey, event, exc, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

VALUES = (
    *("select", "selectin", "joined", "subquery", "immediate"),
    *("raise", "raise_on_sql", "noload", "write_only", "dynamic"),
)


def models(attribute, lazy):
    class Base(DeclarativeBase):
        id: Mapped[int] = mapped_column(primary_key=True)

    class Organization(Base):
        __tablename__ = "organizations"

    class Post(Base):
        __tablename__ = "posts"
        user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    # --8<-- [start:example]
    class User(Base):
        __tablename__ = "users"
        organization_id = mapped_column(
            ForeignKey("organizations.id"),
        )
        if attribute == "posts":
            posts = relationship(Post, lazy=lazy)
        else:
            organization = relationship(
                Organization,
                lazy=lazy,
            )

    Base.registry.configure()
    return User, Organization, Post


async def read(session, attribute, lazy, sent, held):
    User, Organization, _ = models(attribute, lazy)
    if held:
        query = select(Organization)
        session.info["held"] = await session.scalar(query)
    sent.clear()
    users = await session.scalars(select(User))
    user = users.unique().one()
    session.info["query sent"] = len(sent)

    if attribute == "posts":
        return f"{len(list(user.posts))} posts"
    return type(user.organization).__name__


# --8<-- [end:example]


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    sent = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def remember(_connection, _cursor, statement, *_):
        sent.append(statement)

    async def outcome(attribute, lazy, held=False):
        async with AsyncSession(engine) as session:
            reading = read(session, attribute, lazy, sent, held)
            [value] = await asyncio.gather(reading, return_exceptions=True)
            if isinstance(value, Exception):
                value = type(getattr(value, "orig", value)).__name__
            return f"{session.info.get('query sent', '-'):>3} {value:19}"

    User, Organization, Post = models("posts", "select")
    async with engine.begin() as connection:
        await connection.run_sync(User.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add(Organization(id=1))
        session.add(User(organization_id=1, posts=[Post(), Post()]))
        await session.commit()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        print("lazy=        SQL collection          SQL many-to-one")
        for lazy in VALUES:
            posts = await outcome("posts", lazy)
            organization = await outcome("organization", lazy)
            print(f"{lazy:12} {posts} {organization}".rstrip())

        print("\nlazy=        SQL many-to-one, organization in session")
        for lazy in VALUES:
            organization = await outcome("organization", lazy, held=True)
            print(f"{lazy:12} {organization}".rstrip())
        # The coroutines of refused reads warn when they are collected.
        gc.collect()

    await engine.dispose()

    for warning in {
        str(warning.message)
        for warning in caught
        if issubclass(warning.category, exc.SADeprecationWarning)
    }:
        print()
        print(textwrap.fill(warning, 60))


asyncio.run(main())
