# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `7s2a` says about PendingRollbackError, each sentence asserted by a run with each pool."""

import asyncio
import os
import tempfile
import traceback

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import (
    IntegrityError,
    MissingGreenlet,
    PendingRollbackError,
    StatementError,
)
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def checked(error, inner_class):
    """The error's text and the functions in its traceback; it has to be of this class or to wrap one."""
    inner = error.orig if type(error) is StatementError else error
    assert type(inner) is inner_class, error
    return str(error), {
        frame.name for frame in traceback.extract_tb(error.__traceback__)
    }


def refused(read, inner_class=PendingRollbackError):
    """What the error of `read()` says, and the functions in its traceback."""
    try:
        read()
    except (PendingRollbackError, MissingGreenlet, StatementError) as error:
        return checked(error, inner_class)
    raise AssertionError("the read was not refused")


async def refused_await(call, inner_class=PendingRollbackError):
    """What the error of `await call` says, and the functions in its traceback."""
    try:
        await call
    except (PendingRollbackError, IntegrityError) as error:
        return checked(error, inner_class)
    raise AssertionError("the call was not refused")


async def failed_flush(session):
    """Alice, and what the error of a flush says that gave Bob her name."""
    alice, bob = await session.get_one(User, 1), await session.get_one(User, 2)
    bob.name = alice.name
    said, _ = await refused_await(session.flush(), IntegrityError)
    return alice, said


async def session_method(Session):
    """After a failed flush, `commit()`, `connection()` and queries raise it, until `rollback()`."""
    async with Session() as session:
        await failed_flush(session)
        for method in (session.commit, session.connection):
            _, frames = await refused_await(method())
            assert "_load_expired" not in frames
        _, frames = await refused_await(session.scalar(select(User)))
        assert "_load_expired" not in frames
        await session.rollback()
        assert await session.scalar(select(User.name).where(User.id == 2)) == "bob"
    return "commit(), connection() and scalar() were refused until rollback()"


async def attribute(Session):
    """After a failed flush, reading an attribute raises it, with `_load_expired` in the traceback."""
    async with Session() as session:
        alice, _ = await failed_flush(session)
        _, frames = refused(lambda: alice.name)
    assert "_load_expired" in frames
    return "_load_expired"


async def quoted_error(Session):
    """The message quotes the error of the flush, with its SQL, and not what was called now."""
    async with Session() as session:
        _, first = await failed_flush(session)
        said, _ = await refused_await(session.scalar(select(Organization)))
    quoted = said.partition("Original exception was: ")[2]
    assert quoted.startswith(first.partition("\n")[0])
    assert "[SQL: UPDATE users" in quoted
    assert "FROM organizations" not in said
    assert said.endswith("/7s2a)")
    return "Original exception was: the IntegrityError of UPDATE users"


async def unsaved_changes(Session):
    """A lazy load with unsaved changes: its autoflush fails, and the changes are lost."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "dave"
        _, frames = refused(lambda: user.organization, MissingGreenlet)
        assert {"_emit_lazyload", "_autoflush"} <= frames
        said, _ = await refused_await(session.commit())
        quoted = said.partition("Original exception was: ")[2]
        assert "greenlet_spawn has not been called" in quoted
        await session.rollback()
        await session.refresh(user)
        assert user.name == "alice"
    return "MissingGreenlet in _autoflush, quoted by commit(); dave was not saved"


async def after_rollback(Session):
    """Once `rollback()` was called, reading the attribute is MissingGreenlet."""
    async with Session() as session:
        alice, _ = await failed_flush(session)
        await session.rollback()
        refused(lambda: alice.name, MissingGreenlet)
    return "MissingGreenlet"


async def create_rows(engine, Session):
    """Alice and Bob of the Library, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(name="Library")
        for name in ("alice", "bob"):
            session.add(User(name=name, organization=library))
            await session.flush()
        await session.commit()


FACTS = (session_method, attribute, quoted_error, unsaved_changes, after_rollback)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def seen_with_each_pool(fact, url):
    """What a fact saw, which has to be the same with each pool."""
    seen = set()
    for options in POOLS.values():
        engine = create_async_engine(url, **options)
        Session = async_sessionmaker(engine)
        await create_rows(engine, Session)
        seen.add(await fact(Session))
        await engine.dispose()
    assert len(seen) == 1, seen
    return f"{seen.pop()} ({', '.join(POOLS)})"


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            seen = await seen_with_each_pool(fact, url)
            print(f"{fact.__name__.replace('_', '-')}: {seen}")


asyncio.run(main())
