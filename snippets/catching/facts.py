# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pydantic>=2.14,<3",
#   "pytest>=9.2,<10",
# ]
# ///
"""What the page `catching` says beyond its examples, each sentence asserted by a run."""

import asyncio
import gc
import os
import re
import tempfile
import traceback
import warnings

import pytest
import sqlalchemy
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, String, event, inspect, select
from sqlalchemy.exc import MissingGreenlet, SQLAlchemyError, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


class OrganizationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    organization: OrganizationOut


def is_missing_greenlet(error):
    inner = getattr(error, "orig", error)
    return isinstance(inner, MissingGreenlet)


def caught(read):
    """The error that `read()` raises."""
    try:
        read()
    except Exception as error:
        return error
    raise AssertionError("the read was not refused")


async def raised(awaitable):
    """The error that `await awaitable` raises."""
    [error] = await asyncio.gather(awaitable, return_exceptions=True)
    assert isinstance(error, Exception)
    return error


def includes_sql(session, pool):
    """Whether an error for want of a greenlet is a `StatementError`."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return pool == "default pool" and driver in from_cursor


def statements_of(Session):
    """A list to which each statement is added when it was sent."""
    sent = []
    engine = Session.kw["bind"].sync_engine
    event.listen(engine, "after_cursor_execute", lambda *args: sent.append(args[2]))
    return sent


async def recognised(Session, pool):
    """It recognises the error plain or wrapped, and neither a closed session nor a violated constraint."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        missing = caught(lambda: user.name)
        assert isinstance(missing, StatementError) == includes_sql(session, pool)
        assert is_missing_greenlet(missing)
    async with Session() as session:
        user = await session.scalar(select(User))
    detached = caught(lambda: user.organization)
    async with Session() as session:
        session.add(Organization(name="Library"))
        violated = await raised(session.commit())
    others = [type(error).__name__ for error in (detached, violated)]
    assert others == ["DetachedInstanceError", "IntegrityError"]
    assert not is_missing_greenlet(detached) and not is_missing_greenlet(violated)
    return (
        "StatementError" if isinstance(missing, StatementError) else "MissingGreenlet"
    )


async def no_statement(Session):
    """The read that raises sends no statement; loading after it costs one more than loading with the query."""
    sent = statements_of(Session)
    async with Session() as session:
        user = await session.scalar(select(User))
        assert is_missing_greenlet(caught(lambda: user.organization))
        assert len(sent) == 1
        await session.refresh(user, ["organization"])
        with_refresh, sent[:] = len(sent), []
    async with Session() as session:
        await session.scalar(select(User).options(selectinload(User.organization)))
    assert (with_refresh, len(sent)) == (3, 2)
    return "0 statements; 3 with refresh(), 2 with selectinload"


async def wrapped_by_others(Session):
    """It does not look into an `ExceptionGroup` or a Pydantic `ValidationError`, which keeps only the text."""

    async def label(user):
        return user.organization.name

    async def in_task_group(user):
        async with asyncio.TaskGroup() as group:
            group.create_task(label(user))

    async def in_pydantic(user):
        UserOut.model_validate(user)

    async with Session() as session:
        user = await session.scalar(select(User))
        group = await raised(in_task_group(user))
        validation = await raised(in_pydantic(user))
    for error in (group, validation):
        assert not is_missing_greenlet(error)
    assert is_missing_greenlet(group.exceptions[0])
    assert "greenlet_spawn has not been called" in str(validation)
    assert validation.__cause__ is None and validation.__context__ is None
    return f"{type(group).__name__}: no; {type(validation).__name__}: no"


async def loads_nothing(Session):
    """It loads nothing; with aiosqlite on 2.1 the error leaves a warning, and `inspect(user).unloaded` leaves none."""
    left = "coroutine 'Connection.cursor' was never awaited"
    async with Session() as session:
        user = await session.scalar(select(User))
        gc.collect()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always")
            assert "organization" in inspect(user).unloaded
            assert warned == []
            assert is_missing_greenlet(caught(lambda: user.organization))
            gc.collect()
        assert "organization" in inspect(user).unloaded
        driver = session.bind.dialect.driver
        is_left = driver == "aiosqlite" and sqlalchemy.__version__ >= "2.1"
        assert [str(warning.message) for warning in warned] == [left] * is_left
    return f"still unloaded; left behind: {left if is_left else 'no warning'}"


async def which_attribute(Session):
    """Its message does not name the attribute; the traceback contains the line that reads it."""
    async with Session() as session:
        user = await session.scalar(select(User))
        error = caught(lambda: user.organization)
    assert not re.search(r"\borganization\b", str(error))
    frames = traceback.extract_tb(error.__traceback__)
    [*_, own] = [frame for frame in frames if frame.filename == __file__]
    assert "user.organization" in own.line
    return "not in the message; the traceback has the line with user.organization"


async def pytest_check(Session):
    """pytest's `check` takes `is_missing_greenlet`."""
    async with Session() as session:
        user = await session.scalar(select(User))
        with pytest.raises(SQLAlchemyError, check=is_missing_greenlet):
            print(user.organization)
    return "pytest.raises(SQLAlchemyError, check=is_missing_greenlet) passed"


FACTS = (no_statement, wrapped_by_others, loads_nothing, which_attribute, pytest_check)
FACTS_WITH_EACH_POOL = (recognised,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """One user in an organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    for fact in FACTS:
        engine = create_async_engine(url)
        Session = async_sessionmaker(engine)
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
                seen.append(f"{pool}: {await fact(Session, pool)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
