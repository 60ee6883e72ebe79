# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `detached-instance` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import re

from sqlalchemy import ForeignKey, String, event
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, SQLAlchemyError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
)
from sqlalchemy.orm.exc import DetachedInstanceError


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    users: Mapped[list["User"]] = relationship(back_populates="organization")


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    bio: Mapped[str] = mapped_column(String(100), deferred=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(back_populates="users")


def refused(call, expected):
    """The error that `call()` raises, whose inner class is `expected`."""
    try:
        call()
    except SQLAlchemyError as error:
        inner = getattr(error, "orig", None) or error
        assert type(inner) is expected, error
        return inner
    raise AssertionError("the call was not refused")


def operation(read):
    """What the message of the DetachedInstanceError that `read()` raises calls the read."""
    message = str(refused(read, DetachedInstanceError))
    return re.search(r"is not bound to a Session; (.+) cannot proceed", message)[1]


def count_statements(session, sent):
    """Add one to a list for each statement that is sent from now on."""
    event.listen(
        session.bind.sync_engine, "before_cursor_execute", lambda *_: sent.append(1)
    )


async def operations(Session):
    """The message tells a relationship, a deferred column and an expired column from each other."""
    async with Session() as session:
        user = await session.get_one(User, 1)
    relation, deferred = (
        operation(lambda: user.organization),
        operation(lambda: user.bio),
    )
    assert relation == "lazy load operation of attribute 'organization'"
    assert deferred == "deferred load operation of attribute 'bio'"
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
    expired = operation(lambda: user.name)
    assert expired == "attribute refresh operation"
    return f"{relation}; {deferred}; {expired}"


async def code(Session):
    """The code is `bhk3`, not `xd2s`, and the read sends no statement."""
    sent = []
    async with Session() as session:
        user = await session.get_one(User, 1)
    count_statements(session, sent)
    error = refused(lambda: user.organization, DetachedInstanceError)
    assert (error.code, len(sent)) == ("bhk3", 0)
    return f"{error.code}, statements: {len(sent)}"


async def session_open(Session):
    """In an open session the same read raises MissingGreenlet, after `expunge()` DetachedInstanceError."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        attached = refused(lambda: user.organization, MissingGreenlet)
        session.expunge(user)
        expunged = refused(lambda: user.organization, DetachedInstanceError)
    assert (attached.code, expunged.code) == ("xd2s", "bhk3")
    return f"attached: {type(attached).__name__}; expunged: {type(expunged).__name__}"


async def already_there(Session):
    """`add()` is refused if the session has loaded that row; `get_one()` gets its own object without a SELECT."""
    sent = []
    async with Session() as session:
        user = await session.get_one(User, 1)
    async with Session() as session:
        first = await session.get_one(User, 1)
        error = refused(lambda: session.add(user), InvalidRequestError)
        assert str(error).startswith("Can't attach instance"), error
        count_statements(session, sent)
        own = await session.get_one(User, user.id)
        assert own is first and len(sent) == 0
        await session.refresh(own, ["organization"])
    return (
        f"Can't attach instance; after get_one() and refresh() {own.organization.name}"
    )


FACTS = (operations, code, session_open, already_there)


async def create_rows(engine, Session):
    """A user in an organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(name="Library")
        session.add(User(id=1, name="alice", bio="reads", organization=library))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
