# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `merge-result` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager

from sqlalchemy import ForeignKey, String, event
from sqlalchemy.exc import MissingGreenlet, PendingRollbackError, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
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
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


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


async def raised(awaitable, kind):
    """The error of this kind that the `await` raises."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


@contextmanager
def statements(session):
    """The statements that are sent inside of the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def sent(Session):
    """`_emit_lazyload` for what `merge()` returned; what was sent is None, as it belongs to no session."""
    async with Session(expire_on_commit=False) as session:
        sent = User(id=1, name="bob")
        user = await session.merge(sent)
        await session.commit()
        assert user is not sent and sent.organization is None
        _, functions = refused(lambda: user.organization)
    assert "_emit_lazyload" in functions and "_load_expired" not in functions
    return "sent: None; user: _emit_lazyload alone"


async def expired(Session):
    """Without `expire_on_commit=False` it is `_load_expired`."""
    async with Session() as session:
        user = await session.merge(User(id=1, name="bob"))
        await session.commit()
        _, functions = refused(lambda: user.organization)
    assert "_load_expired" in functions
    return "_load_expired"


async def no_row(Session):
    """If `merge()` found no row, the attribute is None until the flush, and is refused after it."""
    async with Session() as session:
        user = await session.merge(User(id=9, name="dave", organization_id=1))
        assert user.organization is None
        await session.flush()
        refused(lambda: user.organization)
    return "None before the flush, refused after it"


async def refresh(Session):
    """`refresh()` sends two SELECTs, and fits if `merge()` inserted the row or changed its foreign key."""
    async with Session(expire_on_commit=False) as session:
        for user_id, organization_id, name in ((9, 1, "Library"), (1, 2, "Museum")):
            given = User(id=user_id, name="dave", organization_id=organization_id)
            user = await session.merge(given)
            await session.commit()
            with statements(session) as sent:
                await session.refresh(user, ["organization"])
            assert user.organization.name == name and len(sent) == 2
    return "inserted: Library; key changed: Museum; 2 SELECTs each"


async def options(Session):
    """The options load nothing for a row that is new or in the session already, and the old object for a changed key."""
    load = [selectinload(User.organization)]
    async with Session(expire_on_commit=False) as session:
        user = await session.merge(User(id=9, organization_id=1), options=load)
        user.name = "dave"
        await session.commit()
        refused(lambda: user.organization)
    async with Session(expire_on_commit=False) as session:
        alice = await session.get_one(User, 1)
        assert await session.merge(User(id=1, name="bob"), options=load) is alice
        await session.commit()
        refused(lambda: alice.organization)
    async with Session(expire_on_commit=False) as session:
        bob = await session.merge(User(id=1, organization_id=2), options=load)
        await session.commit()
        assert (bob.organization_id, bob.organization.name) == (2, "Library")
    return "new row: refused; in the session: refused; key changed to Museum: Library"


async def option_costs(Session):
    """`selectinload()` costs one more SELECT, `joinedload()` none."""
    counts = []
    for load in (
        [],
        [selectinload(User.organization)],
        [joinedload(User.organization)],
    ):
        async with Session() as session:
            with statements(session) as sent:
                user = await session.merge(User(id=1, name="bob"), options=load)
            counts.append(len(sent))
            assert not load or user.organization.name == "Library"
    assert counts == [1, 2, 1]
    return (
        f"no options {counts[0]}, selectinload() {counts[1]}, joinedload() {counts[2]}"
    )


async def autoflush(Session):
    """Before the commit the read sends the UPDATE first: the error has no SQL, and the change is lost."""
    async with Session() as session:
        user = await session.merge(User(id=1, name="bob"))
        error, functions = refused(lambda: user.organization)
        assert {"_autoflush", "_emit_lazyload"} <= functions
        assert type(error) is MissingGreenlet
        await raised(session.commit(), PendingRollbackError)
    async with Session() as session:
        user = await session.get_one(User, 1)
        assert user.name == "alice"
    return "MissingGreenlet, then PendingRollbackError, and still alice"


FACTS = (sent, expired, no_row, refresh, options, option_costs)
# The class of an error, and whether it includes its SQL, may depend on the pool.
FACTS_WITH_EACH_POOL = (autoflush,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """A user in the first of two organizations, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(id=1, name="Library")
        museum = Organization(id=2, name="Museum")
        session.add_all([library, museum])
        await session.flush()
        session.add(User(id=1, name="alice", organization_id=1))
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
