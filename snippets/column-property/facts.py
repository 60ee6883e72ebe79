# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `column-property` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

import sqlalchemy
from sqlalchemy import (
    ForeignKey,
    String,
    event,
    exists,
    func,
    inspect,
)
from sqlalchemy.exc import (
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    column_property,
    mapped_column,
)
from sqlalchemy.pool import NullPool


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    has_posts: Mapped[bool] = column_property(exists().where(Post.user_id == id))


class Person(Base):
    __tablename__ = "people"

    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[str] = mapped_column()
    last: Mapped[str] = mapped_column()
    name: Mapped[str] = column_property(first + " " + last)
    kept: Mapped[str] = column_property(first + " " + last, expire_on_flush=False)


class Organization(Base):
    __tablename__ = "organizations"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column()
    shout: Mapped[str] = column_property(func.upper(name))


def refused(read):
    """The error that `read()` raises for want of a greenlet, and the functions in its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the read was not refused")


def includes_sql(session, pool):
    """Whether an error for want of a greenlet includes its SQL."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return pool == "default pool" and driver in from_cursor


async def saved(session, user):
    session.add(user)
    await session.commit()
    return user


async def only_this_attribute(Session):
    """Only the `column_property` is refused."""
    async with Session() as session:
        user = await saved(session, User(name="alice"))
        assert inspect(user).expired_attributes == {"has_posts"}
        assert (user.id, user.name) == (1, "alice")
        refused(lambda: user.has_posts)
    return "id and name were read, has_posts was refused"


async def frames(Session):
    """`_load_expired` is in the traceback, `_emit_lazyload` isn't."""
    async with Session() as session:
        user = await saved(session, User(name="alice"))
        _, names = refused(lambda: user.has_posts)
    assert "_load_expired" in names and "_emit_lazyload" not in names
    return "_load_expired"


async def eager_defaults(Session):
    """`eager_defaults=True` doesn't load it, neither with the INSERT nor with the UPDATE."""
    async with Session() as session:
        organization = await saved(session, Organization(name="Library"))
        refused(lambda: organization.shout)
        await session.refresh(organization)
        assert organization.shout == "LIBRARY"
        organization.name = "Museum"
        await session.commit()
        refused(lambda: organization.shout)
    return "refused after the INSERT and after the UPDATE"


async def before_the_flush(Session):
    """Before the flush, the attribute of a new object is `None`."""
    async with Session() as session:
        user = User(name="alice")
        session.add(user)
        assert user.has_posts is None
        await session.flush()
        refused(lambda: user.has_posts)
    return "None before the flush, refused after it"


async def other_table(Session):
    """An INSERT into the other table leaves the loaded value as it was, until `refresh()`."""
    async with Session() as session:
        user = await saved(session, User(name="alice"))
        await session.refresh(user)
        assert not user.has_posts
        await saved(session, Post(user_id=user.id))
        assert not user.has_posts
        await session.refresh(user, ["has_posts"])
        assert user.has_posts
    return "False after the INSERT, True after refresh()"


async def expire_on_flush(Session):
    """With `expire_on_flush=False`, an UPDATE leaves the old value, and an INSERT still leaves none."""
    async with Session() as session:
        person = await saved(session, Person(first="Alice", last="Smith"))
        refused(lambda: person.kept)
        await session.refresh(person)
        person.last = "Jones"
        await session.commit()
        refused(lambda: person.name)
        assert person.kept == "Alice Smith"
        await session.refresh(person)
        assert person.kept == "Alice Jones"
    return "INSERT: refused; UPDATE: Alice Smith; refresh(): Alice Jones"


async def awaitable_attrs(Session):
    """`awaitable_attrs` sends one SELECT if the attribute isn't loaded, and none if it is."""
    async with Session() as session:
        user = await saved(session, User(name="alice"))
        sent = []

        @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
        def append(_connection, _cursor, statement, *_):
            sent.append(statement)

        await user.awaitable_attrs.has_posts
        assert len(sent) == 1
        await user.awaitable_attrs.has_posts
        assert len(sent) == 1
    return "1 SELECT, then 0"


async def statement(Session, pool):
    """If the error includes its SQL, the SELECT is for the expression, and for no column of the table."""
    async with Session() as session:
        user = await saved(session, User(name="alice"))
        error, _ = refused(lambda: user.has_posts)
        assert isinstance(error, StatementError) == includes_sql(session, pool)
    if not isinstance(error, StatementError):
        return "no SQL"
    sql = " ".join(error.statement.split())
    assert sql.startswith("SELECT EXISTS (SELECT") and "users.name" not in sql
    return "SELECT EXISTS (…)"


FACTS = (
    only_this_attribute,
    frames,
    eager_defaults,
    before_the_flush,
    other_table,
    expire_on_flush,
    awaitable_attrs,
)
# The class of an error, and whether it includes its SQL, depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_tables(engine):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    for fact in FACTS:
        await create_tables(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                Session = async_sessionmaker(engine, expire_on_commit=False)
                await create_tables(engine)
                seen.append(f"{pool}: {await fact(Session, pool)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
