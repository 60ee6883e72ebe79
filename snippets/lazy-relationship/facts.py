# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `lazy-relationship` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import re
import tempfile
import traceback
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import ForeignKey, String, column, event, func, select, table
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import NullPool


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
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization | None] = relationship()
    posts: Mapped[list["Post"]] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


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


def includes_sql(session):
    """Whether the error includes its SQL: the pool does not matter, as the session still has its connection."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


@contextmanager
def statements(session):
    """The statements that are sent inside of the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def frames(Session):
    """`_emit_lazyload` without `_load_expired`; with it if the object had expired."""
    async with Session() as session:
        alice = await session.get_one(User, 1)
        for read in (lambda: alice.organization, lambda: alice.posts):
            _, functions = refused(read)
            assert "_emit_lazyload" in functions and "_load_expired" not in functions
        await session.commit()
        for read in (lambda: alice.organization, lambda: alice.posts):
            _, functions = refused(read)
            assert "_load_expired" in functions
    return "loaded object: _emit_lazyload alone; expired object: _load_expired"


async def null_foreign_key(Session):
    """A row whose foreign key is NULL does not fail."""
    async with Session() as session:
        users = (await session.scalars(select(User).order_by(User.id))).all()
        alice, _bob, carol = users
        refused(lambda: alice.organization)
        with statements(session) as sent:
            assert carol.organization is None
        assert not sent
    return "alice was refused; carol, who has none, is None without a statement"


async def one_per_500(Session):
    """`selectinload()` sends one SELECT per 500 organizations, however many users share them."""
    seen = []
    for organizations, users in ((1, 501), (500, 500), (501, 501)):
        async with Session() as session:
            await session.execute(User.__table__.delete())
            await session.execute(Organization.__table__.delete())
            names = [Organization(name=str(number)) for number in range(organizations)]
            for number in range(users):
                owner = names[number % organizations]
                session.add(User(name="dave", organization=owner))
            await session.commit()
        async with Session() as session:
            query = select(User).options(selectinload(User.organization))
            with statements(session) as sent:
                assert len((await session.scalars(query)).all()) == users
            extra = len(sent) - 1
            assert extra == -(-organizations // 500)
            seen.append(f"{users} users of {organizations}: {extra}")
    return f"extra SELECTs: {', '.join(seen)}"


async def awaitable_attrs(Session):
    """`awaitable_attrs` sends one SELECT for each organization that is not in the session yet."""
    async with Session() as session:
        alice, bob = await session.get_one(User, 1), await session.get_one(User, 2)
        with statements(session) as first:
            await alice.awaitable_attrs.organization
        with statements(session) as second:
            await bob.awaitable_attrs.organization
        assert alice.organization is bob.organization
    assert (len(first), len(second)) == (1, 0)
    return f"alice {len(first)}, then bob of the same organization {len(second)}"


async def refresh(Session):
    """`refresh()` sends up to two SELECTs per object: for its row and for the relationship."""
    async with Session() as session:
        alice, bob = await session.get_one(User, 1), await session.get_one(User, 2)
        with statements(session) as first:
            await session.refresh(alice, ["organization"])
        with statements(session) as second:
            await session.refresh(bob, ["organization"])
        assert alice.organization is bob.organization
    assert "FROM users" in first[0] and "FROM organizations" in first[1]
    assert (len(first), len(second)) == (2, 1)
    return f"alice {len(first)}, then bob of the same organization {len(second)}"


async def statement(Session):
    """If the error includes its SQL, it names the table and the direction."""
    async with Session() as session:
        alice = await session.get_one(User, 1)
        errors = [refused(lambda: alice.organization), refused(lambda: alice.posts)]
        expected = includes_sql(session)
    for error, _ in errors:
        assert isinstance(error, StatementError) == expected
    if not expected:
        return "no SQL"
    many_to_one, collection = (error.statement.splitlines()[-1] for error, _ in errors)
    assert re.fullmatch(r"WHERE organizations\.id = \S+", many_to_one)
    assert re.fullmatch(r"WHERE \S+ = posts\.user_id", collection)
    return f"{many_to_one} and {collection}"


async def left_behind(Session):
    """The transaction stays open, on PostgreSQL "idle in transaction"; the session works on, and closing it ends the transaction."""
    activity = table("pg_stat_activity", column("pid"), column("state"))
    seen = []
    async with Session() as session, Session() as other:
        postgresql = session.bind.dialect.name == "postgresql"

        async def look():
            if postgresql:
                query = select(activity.c.state).where(activity.c.pid == pid)
                seen.append(await other.scalar(query))
                await other.commit()

        user = await session.get_one(User, 1)
        pid = postgresql and await session.scalar(select(func.pg_backend_pid()))
        refused(lambda: user.organization)
        assert session.in_transaction()
        await look()
        await session.refresh(user, ["organization"])
        assert user.organization.name == "Library"
        await other.connection()
        await session.close()
        assert not session.in_transaction()
        await look()
    assert seen == (["idle in transaction", "idle"] if postgresql else [])
    return "in a transaction, refresh() works, closed: in none"


FACTS = (frames, null_foreign_key, one_per_500, awaitable_attrs, refresh, left_behind)
# The class of an error, and whether it includes its SQL, may depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Alice and Bob of one organization, and Carol of none, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(Organization(id=1, name="Library"))
        await session.flush()
        session.add_all(
            [
                User(id=1, name="alice", organization_id=1),
                User(id=2, name="bob", organization_id=1),
                User(id=3, name="carol"),
            ]
        )
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                Session = async_sessionmaker(engine)
                await create_rows(engine, Session)
                seen.append(f"{pool}: {await fact(Session)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
