# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pytest>=9.2,<10",
# ]
# ///
"""What the page `repr-and-logging` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import traceback
from functools import cache
from pathlib import Path

import sqlalchemy
from sqlalchemy import ForeignKey, String, event, func, inspect, select
from sqlalchemy.exc import MissingGreenlet, PendingRollbackError, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    mapped_column,
    relationship,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __repr__(self) -> str:
        return f"<User {self.name}>"

    def __str__(self) -> str:
        return self.name


class Dataclass(MappedAsDataclass, DeclarativeBase):
    registry = Base.registry
    metadata = Base.metadata


class Post(Dataclass):
    """Its `__repr__` is generated, and reads the author."""

    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
    author: Mapped[User] = relationship()


class Note(Dataclass):
    """The same with `repr=False`."""

    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
    author: Mapped[User] = relationship(repr=False)


def refused(read):
    """The frames of the error that `read()` raises for want of a greenlet, outermost first."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return [
            (Path(frame.filename).name, frame.name)
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    raise AssertionError("the read was not refused")


def includes_sql(session, pool):
    """Whether an error for want of a greenlet includes its SQL."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return pool == "default pool" and driver in from_cursor


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def frames(Session):
    """The last frame before `attributes.py` is `__repr__`, or `__str__`; a generated one is in `<string>`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        post = await session.get_one(Post, 1)
        session.expire(user)
        session.expire(post)
        seen = []
        for read in (lambda: repr(user), lambda: f"{user}", lambda: f"{post}"):
            found = refused(read)
            first = [file for file, _ in found].index("attributes.py")
            seen.append(found[first - 1])
    own = Path(__file__).name
    assert seen == [(own, "__repr__"), (own, "__str__"), ("<string>", "__repr__")]
    return "__repr__; __str__; for MappedAsDataclass __repr__ in <string>"


async def expired_or_not_loaded(Session):
    """`_load_expired` is in the traceback for an expired attribute, `_emit_lazyload` alone for a relationship."""
    async with Session() as session:
        post = await session.get_one(Post, 1)
        of_relationship = {name for _, name in refused(lambda: repr(post))}
        await session.commit()
        of_column = {name for _, name in refused(lambda: repr(post))}
    assert (
        "_emit_lazyload" in of_relationship and "_load_expired" not in of_relationship
    )
    assert "_load_expired" in of_column and "_emit_lazyload" not in of_column
    return "author: _emit_lazyload; after a commit: _load_expired"


LOGGED = """
import asyncio, logging, os, pytest
from contextlib import asynccontextmanager
from sqlalchemy import String
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.pool import NullPool

class Base(DeclarativeBase):
    pass

class Draft(Base):
    __tablename__ = "drafts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(100))

    def __repr__(self):
        return f"<Draft {self.title}>"

@asynccontextmanager
async def expired_draft(**options):
    engine = create_async_engine(os.environ["DATABASE_URL"], **options)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        async with AsyncSession(engine) as session:
            draft = Draft(title="Maps")
            session.add(draft)
            await session.commit()
            yield draft
    finally:
        await engine.dispose()

async def log_argument():
    async with expired_draft() as draft:
        logging.warning("found %r", draft)

async def log_string():
    async with expired_draft() as draft:
        logging.warning(f"found {draft}")

async def compare(options):
    async with expired_draft(**options) as draft:
        assert draft is None

def test_argument():
    asyncio.run(log_argument())

def test_string():
    asyncio.run(log_string())

POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}

@pytest.mark.parametrize("pool", POOLS)
def test_assert(pool):
    asyncio.run(compare(POOLS[pool]))

if __name__ == "__main__":
    test_argument()
    print("went on")
    test_string()
    print("went on")
"""


@cache
def run(engine, *interpreter):
    """The exit status of that program, and what it printed to stdout and stderr."""
    url = engine.url.render_as_string(hide_password=False)
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        program = Path(folder, "test_logged.py")
        program.write_text(LOGGED)
        done = subprocess.run(
            [sys.executable, *interpreter, program],
            env={
                **os.environ,
                "DATABASE_URL": url,
                "COLUMNS": "1000",
                "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            },
            cwd=folder,
            capture_output=True,
            text=True,
        )
    return done.returncode, done.stdout, done.stderr


PYTEST = ("-m", "pytest", "-rfp", "-vv", "-p", "no:cacheprovider")


async def logging_call(Session):
    """`logging.warning("%r", user)` raises in a pytest test and goes on elsewhere; an f-string raises in both."""
    async with Session() as session:
        status, out, err = run(session.bind)
        assert status == 1 and out == "went on\n"
        logged, raised = err.split("Unable to print the message and arguments")
        assert logged.startswith("--- Logging error ---") and "Greenlet" in logged
        assert "in log_string" in raised and "MissingGreenlet" in raised
        assert "WARNING" not in err
        status, out, _ = run(session.bind, *PYTEST)
        for test in ("test_argument", "test_string"):
            [summary] = re.findall(f"^FAILED .*{test}.*", out, re.MULTILINE)
            assert "MissingGreenlet" in summary
    return "%r: --- Logging error ---, then went on; in pytest: failed; f-string: raised and failed"


async def failed_assert(Session):
    """A failed `assert` in pytest shows the object as raised in `repr()`, with the class that wraps the error if one does."""
    seen = []
    async with Session() as session:
        _, out, _ = run(session.bind, *PYTEST)
        for pool in ("default pool", "NullPool", "pool_pre_ping"):
            wrapped = includes_sql(session, pool)
            shown = "StatementError" if wrapped else "MissingGreenlet"
            [summary] = re.findall(rf"^FAILED .*\[{pool}\] - (.*)", out, re.MULTILINE)
            assert summary.startswith(f"assert <[{shown}("), summary
            assert ") raised in repr()] Draft object at 0x" in summary
            seen.append(f"{pool}: <[{shown}(…) raised in repr()]")
    return "; ".join(seen)


async def unsaved_changes(Session):
    """With unsaved changes, the read rolls the transaction back: `commit()` raises, and the changes are lost."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        session.expire(user)
        session.add(User(name="bob"))
        found = refused(lambda: repr(user))
        assert {"_load_expired", "_autoflush"} <= {name for _, name in found}
        [error] = await asyncio.gather(session.commit(), return_exceptions=True)
        assert isinstance(error, PendingRollbackError), error
        await session.rollback()
        await session.commit()
        assert await session.scalar(select(func.count(User.id))) == 1
    return "commit(): PendingRollbackError; 1 of 2 users saved"


async def identity(Session):
    """`identity` sends nothing, after a rollback too, and is `None` before the first flush."""
    async with Session() as session:
        new = User(name="bob")
        session.add(new)
        assert inspect(new).identity is None
        await session.flush()
        user = await session.get_one(User, 1)
        await session.rollback()
        sent = statements_of(session)
        assert inspect(user).identity == (1,)
        assert sent == []
    return "None before the flush, (1,) after a rollback, no statement"


async def loaded_values(Session):
    """`__dict__` has what is loaded, and reading it loads nothing."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        sent = statements_of(session)
        assert user.__dict__.get("name", "not loaded") == "alice"
        session.expire(user)
        assert user.__dict__.get("name", "not loaded") == "not loaded"
        assert sent == []
    return "alice, then not loaded, no statement"


async def repr_false(Session):
    """With `repr=False` the relationship is left out, but an expired column still raises."""
    async with Session() as session:
        note = await session.get_one(Note, 1)
        sent = statements_of(session)
        assert "author" not in repr(note)
        assert sent == []
        await session.commit()
        found = refused(lambda: repr(note))
        assert "_load_expired" in {name for _, name in found}
    return "printed without author; after a commit: refused"


FACTS = (
    frames,
    expired_or_not_loaded,
    logging_call,
    failed_assert,
    unsaved_changes,
    identity,
    loaded_values,
    repr_false,
)


async def create_rows(engine, Session):
    """One user with a post and a note, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        user = User(name="alice")
        session.add_all([Post("Maps", user), Note("Coins", user)])
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
