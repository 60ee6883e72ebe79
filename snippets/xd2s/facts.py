# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `xd2s` says about tracebacks and texts, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from datetime import datetime

import sqlalchemy
from sqlalchemy import ForeignKey, String, create_engine, func, inspect, select, update
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
)
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.pool import NullPool

LOADERS = {"_load_expired", "_emit_lazyload", "_load_for_state"}


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bio: Mapped[str] = mapped_column(default="", deferred=True)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    __mapper_args__ = {"polymorphic_identity": "post", "polymorphic_on": "kind"}


class VideoPost(Post):
    __tablename__ = "video_posts"

    id: Mapped[int] = mapped_column(ForeignKey("posts.id"), primary_key=True)
    seconds: Mapped[int]
    __mapper_args__ = {"polymorphic_identity": "video"}


def refused(read, raised=(MissingGreenlet, StatementError)):
    """The error that `read()` raises, MissingGreenlet unless another is named, and the functions in its traceback."""
    try:
        read()
    except raised as error:
        if StatementError in raised:
            inner = getattr(error, "orig", None) or error
            assert isinstance(inner, MissingGreenlet), error
        return error, {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the read was not refused")


def loaders(read):
    """The functions of SQLAlchemy's that load an attribute, in the traceback of `read()`."""
    _, frames = refused(read)
    return frames & LOADERS


def wrapped(session):
    """Whether this driver's MissingGreenlet comes inside a StatementError once there is a connection."""
    wrapping = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        wrapping += ["aiosqlite", "psycopg"]
    return session.bind.dialect.driver in wrapping


def reading_columns(user):
    """The loaders that each column's read shows, which have to be the same."""
    seen = {frozenset(loaders(lambda n=n: getattr(user, n))) for n in ("id", "name")}
    assert len(seen) == 1
    return seen.pop()


async def object_from_a_query(Session):
    """A relationship that the query did not load: `_emit_lazyload`, no `_load_expired`."""
    async with Session() as session:
        user = await session.scalar(select(User))
        seen = loaders(lambda: user.organization)
    assert "_emit_lazyload" in seen
    assert "_load_expired" not in seen
    return "_emit_lazyload without _load_expired"


async def object_just_created(Session):
    """A relationship that was never set: `_emit_lazyload`, no `_load_expired`."""
    async with Session() as session:
        user = User(name="dave", organization_id=1)
        session.add(user)
        await session.flush()
        seen = loaders(lambda: user.organization)
    assert "_emit_lazyload" in seen
    assert "_load_expired" not in seen
    return "_emit_lazyload without _load_expired"


async def one_column(Session):
    """A column with onupdate after an UPDATE: `_load_expired`, and the other columns stay readable."""
    async with Session() as session:
        user = await session.scalar(select(User))
        user.name = "dave"
        await session.flush()
        assert inspect(user).expired_attributes == {"updated_at"}
        seen = loaders(lambda: user.updated_at)
        assert (user.id, user.name) == (1, "dave")
    assert "_load_expired" in seen
    return "_load_expired for updated_at; id and name were read"


async def after_commit(Session):
    """After a commit every attribute fails with `_load_expired`."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        seen = reading_columns(user)
    assert "_load_expired" in seen
    return "_load_expired for id and name"


async def after_rollback(Session):
    """After a rollback every attribute fails with `_load_expired`."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.rollback()
        seen = reading_columns(user)
    assert "_load_expired" in seen
    return "_load_expired for id and name"


async def some_columns(Session):
    """After an update() or an assigned SQL expression its column fails with `_load_expired`, others don't."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.execute(update(User).values(name=func.upper(User.name)))
        after_update = loaders(lambda: user.name)
        assert user.id == 1
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = func.upper(User.name)
        await session.flush()
        after_expression = loaders(lambda: user.name)
        assert user.id == 1
    assert "_load_expired" in after_update & after_expression
    return "_load_expired for name after both; id was read"


async def subclass(Session):
    """A column of a subclass, where the query selected the base class: `_load_expired`."""
    async with Session() as session:
        post = await session.scalar(select(Post))
        seen = loaders(lambda: post.seconds)
        assert post.kind == "video"
    assert "_load_expired" in seen
    return "_load_expired for seconds; kind was read"


async def deferred_column(Session):
    """A column that the query left out: `_load_for_state`, but neither of the others."""
    async with Session() as session:
        user = await session.scalar(select(User))
        assert loaders(lambda: user.bio) == {"_load_for_state"}
    return "_load_for_state alone"


async def sync_engine(Session):
    """A sync engine with an async driver: `raw_connection` and no loader, except with psycopg, which connects."""
    engine = create_engine(Session.kw["bind"].url)
    if engine.dialect.driver == "psycopg":
        engine.connect().close()
        engine.dispose()
        return "psycopg connected"
    _, frames = refused(engine.connect)
    assert "raw_connection" in frames
    assert not frames & LOADERS
    return "raw_connection, no loader"


async def some_rows(Session):
    """What the session already holds is read without SQL; another row shows `_emit_lazyload`, no `_load_expired`."""
    async with Session() as session:
        query = select(User).order_by(User.id)
        load = joinedload(User.organization)
        me = await session.scalar(query.limit(1).options(load))
        alice, bob, carol = (await session.scalars(query)).all()
        assert alice.organization is bob.organization is me.organization
        seen = loaders(lambda: carol.organization)
    assert "_emit_lazyload" in seen
    assert "_load_expired" not in seen
    return "alice and bob were read, carol was refused with _emit_lazyload"


async def function_name(Session):
    """The message names `await_()` on 2.1 and `await_only()` on 2.0."""
    name = "await_()" if sqlalchemy.__version__ >= "2.1" else "await_only()"
    async with Session() as session:
        user = await session.scalar(select(User))
        error, _ = refused(lambda: user.organization)
    assert f"greenlet_spawn has not been called; can't call {name} here" in str(error)
    return f"can't call {name} here"


async def forgotten_await(Session):
    """A forgotten `await` is an AttributeError about a coroutine."""
    async with Session() as session:
        coroutine = session.scalars(select(User))
        error, _ = refused(lambda: coroutine.all(), (AttributeError,))
        coroutine.close()
    assert "'coroutine' object has no attribute" in str(error)
    return str(error)


async def closed_session(Session):
    """An attribute that was not loaded before its session was closed is a DetachedInstanceError."""
    async with Session() as session:
        user = await session.scalar(select(User))
    refused(lambda: user.organization, (DetachedInstanceError,))
    return "DetachedInstanceError"


async def driver(Session):
    """With a connection at hand the driver decides alone: StatementError with the SQL, or MissingGreenlet without."""
    async with Session() as session:
        user = await session.scalar(select(User))
        error, _ = refused(lambda: user.organization)
        assert isinstance(error, StatementError) == wrapped(session)
    if not isinstance(error, StatementError):
        assert "[SQL:" not in str(error)
        return "MissingGreenlet without SQL"
    assert str(error).startswith("(sqlalchemy.exc.MissingGreenlet)")
    assert "FROM organizations" in error.statement
    return "StatementError with the SELECT"


async def no_connection(Session):
    """Without a connection no driver wraps it: after a commit, NullPool and pool_pre_ping=True raise it plain."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        error, _ = refused(lambda: user.name)
        is_wrapped = session.info["pool"] == "default pool" and wrapped(session)
        assert isinstance(error, StatementError) == is_wrapped
    return type(error).__name__


async def orig(Session):
    """A StatementError is no MissingGreenlet; the MissingGreenlet is its `orig`."""
    assert not issubclass(StatementError, MissingGreenlet)
    async with Session() as session:
        user = await session.scalar(select(User))
        error, _ = refused(lambda: user.organization)
        assert isinstance(error, MissingGreenlet) == (not wrapped(session))
    if wrapped(session):
        assert type(error.orig) is MissingGreenlet
        return "orig of a StatementError is a MissingGreenlet"
    return "a MissingGreenlet itself"


FACTS = (
    object_from_a_query,
    object_just_created,
    one_column,
    after_commit,
    after_rollback,
    some_columns,
    subclass,
    deferred_column,
    sync_engine,
    some_rows,
    function_name,
    forgotten_await,
    closed_session,
)
# The class of an error, and whether it includes its SQL, depend on the pool.
FACTS_WITH_EACH_POOL = (driver, no_connection, orig)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Alice and Bob of the Library, Carol of the Museum and a video, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library, museum = Organization(name="Library"), Organization(name="Museum")
        for name, home in (("alice", library), ("bob", library), ("carol", museum)):
            session.add(User(name=name, organization=home))
            await session.flush()
        session.add(VideoPost(seconds=90))
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
                Session = async_sessionmaker(engine, info={"pool": pool})
                await create_rows(engine, Session)
                seen.append(f"{pool}: {await fact(Session)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
