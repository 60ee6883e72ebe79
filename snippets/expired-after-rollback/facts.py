# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `expired-after-rollback` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import (
    ForeignKey,
    String,
    event,
    inspect,
    select,
)
from sqlalchemy.exc import (
    IntegrityError,
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
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


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    posts: Mapped[list[Post]] = relationship()


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


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def taken(session):
    """The commit of a second user called alice is refused by the database; the session is rolled back."""
    session.add(User(name="alice"))
    [outcome] = await asyncio.gather(session.commit(), return_exceptions=True)
    assert isinstance(outcome, IntegrityError), outcome
    await session.rollback()


async def frames(Session):
    """`_load_expired` is in the traceback, and for a loaded collection `_emit_lazyload` as well."""
    seen = []
    for read in (lambda user: user.name, lambda user: user.posts):
        async with Session() as session:
            query = select(User).options(selectinload(User.posts))
            user = await session.scalar(query)
            await session.rollback()
            _, names = refused(lambda read=read, user=user: read(user))
            assert "_load_expired" in names
            seen.append("_emit_lazyload" in names)
    assert seen == [False, True]
    return "column: _load_expired; collection: _load_expired and _emit_lazyload"


async def every_attribute(Session):
    """Every column of every object fails, the primary key too."""
    async with Session() as session:
        users = (await session.scalars(select(User))).all()
        await taken(session)
        for user in users:
            for column in ("id", "name"):
                assert column in inspect(user).expired_attributes
                refused(lambda user=user, column=column: getattr(user, column))
    return f"id and name of {len(users)} users were refused"


async def no_error_no_rollback(Session):
    """The same read works if the commit succeeds."""
    async with Session() as session:
        user = await session.scalar(select(User).where(User.name == "alice"))
        session.add(User(name="carol"))
        await session.commit()
        assert user.name == "alice"
        await taken(session)
        refused(lambda: user.name)
    return "read after a commit that succeeded, refused after one that failed"


async def end_of_begin(Session):
    """An exception that leaves `async with session.begin():` rolls back too."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()

        async def fail():
            async with session.begin():
                raise LookupError

        [outcome] = await asyncio.gather(fail(), return_exceptions=True)
        assert isinstance(outcome, LookupError)
        refused(lambda: user.name)
    return "refused after the block that raised LookupError"


async def savepoint(Session):
    """The rollback of a savepoint expires an object that was changed inside it, and leaves the others; it takes two more statements."""
    async with Session() as session:
        alice, bob = (await session.scalars(select(User).order_by(User.id))).all()

        async def fail():
            async with session.begin_nested():
                bob.name = "alice"

        with statements(session) as sent:
            [outcome] = await asyncio.gather(fail(), return_exceptions=True)
        assert isinstance(outcome, IntegrityError)
        assert sent == ["SAVEPOINT", "UPDATE", "ROLLBACK"]
        assert (alice.id, alice.name) == (1, "alice")
        refused(lambda: bob.id)
        refused(lambda: bob.name)
    return f"{', '.join(sent)}: alice was read; bob, changed inside the savepoint, was refused"


async def statement(Session, pool):
    """If the error includes its SQL, the SELECT lists every column of the row."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.rollback()
        error, _ = refused(lambda: user.name)
        assert isinstance(error, StatementError) == includes_sql(session, pool)
    if not isinstance(error, StatementError):
        return "no SQL"
    assert "users.id" in error.statement and "users.name" in error.statement
    return "the SQL lists id and name"


FACTS = (
    frames,
    every_attribute,
    no_error_no_rollback,
    end_of_begin,
    savepoint,
)
# The class of an error, and whether it includes its SQL, depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Two users, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", posts=[Post()]))
        await session.flush()
        session.add(User(name="bob"))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
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
                Session = async_sessionmaker(engine, expire_on_commit=False)
                await create_rows(engine, Session)
                seen.append(f"{pool}: {await fact(Session, pool)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
