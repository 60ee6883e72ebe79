# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pydantic>=2.14,<3",
# ]
# ///
"""What the page `autoflush` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager

from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, PendingRollbackError, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
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
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


class OrganizationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class UserOut(OrganizationOut):
    organization: OrganizationOut


class UserOrganizationFirst(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    organization: OrganizationOut
    name: str


def refused(read, inner_class=MissingGreenlet):
    """The error of `read()`, and the functions in its traceback."""
    try:
        read()
    except (PendingRollbackError, MissingGreenlet, StatementError) as error:
        assert type(getattr(error, "orig", None) or error) is inner_class, error
        return error, {
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        }
    raise AssertionError("the read was not refused")


async def refused_await(call):
    """The PendingRollbackError of `await call`."""
    try:
        await call
    except PendingRollbackError as error:
        return error
    raise AssertionError("the call was not refused")


def fields_refused(model, user):
    """The fields of a ValidationError, and the error of each."""
    try:
        model.model_validate(user)
    except ValidationError as error:
        found = {}
        for one in error.errors():
            assert one["type"] == "get_attribute_error", one
            found[one["loc"][0]] = one["msg"].split(": ")[1]
        return found
    raise AssertionError("the model was not refused")


@contextmanager
def counted(session):
    """The first words of the statements that are sent meanwhile."""
    sent = []
    engine = session.bind.sync_engine

    def count(*execution):
        sent.append(execution[2].split()[0])

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


async def saved_name(Session):
    """The name that is in the database."""
    async with Session() as session:
        return await session.scalar(select(User.name).where(User.id == 1))


async def frames(Session):
    """`_emit_lazyload` and `_autoflush` are in the traceback; without unsaved changes `_autoflush` is not."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        _, unchanged = refused(lambda: user.organization)
        user.name = "bob"
        error, changed = refused(lambda: user.organization)
        assert type(error) is MissingGreenlet
    assert "_emit_lazyload" in unchanged and "_autoflush" not in unchanged
    assert {"_emit_lazyload", "_autoflush"} <= changed
    return "changed: _emit_lazyload and _autoflush, no SQL; unchanged: _emit_lazyload"


async def changes_lost(Session):
    """Later reads and `commit()` raise PendingRollbackError, and everything since the last commit is lost."""
    async with Session() as session:
        session.add(User(name="carol", organization_id=1))
        await session.flush()
        user = await session.get_one(User, 1)
        user.name = "bob"
        refused(lambda: user.organization)
        for read in (lambda: user.name, lambda: user.organization):
            refused(read, PendingRollbackError)
        error = await refused_await(session.commit())
        quoted = str(error).partition("Original exception was: ")[2]
        assert "greenlet_spawn has not been called" in quoted
    async with Session() as session:
        names = (await session.scalars(select(User.name).order_by(User.id))).all()
    assert names == ["alice"]
    return f"two reads and commit() were refused; saved: {', '.join(names)}"


async def what_is_flushed(Session):
    """What is unsaved may be any object of the session: a new one, a changed one, or a deleted one."""
    changes = {
        "new": lambda session, _: session.add(Organization(name="Museum")),
        "changed": lambda _, school: setattr(school, "name", "Archive"),
        "deleted": lambda session, school: session.sync_session.delete(school),
    }
    for change in changes.values():
        async with Session() as session:
            user = await session.get_one(User, 1)
            school = Organization(name="School")
            session.add(school)
            await session.commit()
            await session.refresh(user)
            await session.refresh(school)
            change(session, school)
            _, found = refused(lambda user=user: user.organization)
            assert "_autoflush" in found
            refused(lambda user=user: user.name, PendingRollbackError)
    return f"{', '.join(changes)}: each with _autoflush"


async def without_autoflush(Session):
    """`no_autoflush` and `autoflush=False`: the read is still refused, but the change can be saved."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "bob"
        with session.no_autoflush:
            refused(lambda: user.organization)
        await session.commit()
        assert await saved_name(Session) == "bob"
    async with Session(autoflush=False) as session:
        user = await session.get_one(User, 1)
        user.name = "carol"
        refused(lambda: user.organization)
        await session.commit()
        assert await saved_name(Session) == "carol"
    return "the read was refused twice; bob, then carol were saved"


async def flush_first(Session):
    """After `await session.flush()` the read is still refused, but the change can be saved."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "bob"
        await session.flush()
        _, found = refused(lambda: user.organization)
        assert "_autoflush" not in found
        await session.commit()
        assert await saved_name(Session) == "bob"
    return "the read was refused without _autoflush; bob was saved"


async def savepoint(Session):
    """In a savepoint, the session can go on, and a commit saves what was flushed in it, unless you call `rollback()`."""
    saved = []
    for end in ("rollback", "commit"):
        async with Session() as session:
            user = await session.get_one(User, 1)
            async with session.begin_nested():
                session.add(User(name="carol", organization_id=1))
                await session.flush()
                user.name = "bob"
                refused(lambda user=user: user.organization)
            refused(lambda user=user: user.name)
            await getattr(session, end)()
        async with Session() as session:
            names = await session.scalars(select(User.name).order_by(User.id))
            saved.append(names.all())
    assert saved == [["alice"], ["alice", "carol"]]
    return "the next read: MissingGreenlet; after rollback(): alice; after commit(): alice, carol"


async def in_the_session(Session):
    """A many-to-one whose object is in the session, and hasn't expired, is read without a flush."""
    async with Session() as session:
        library = await session.get_one(Organization, 1)
        user = await session.get_one(User, 1)
        user.name = "bob"
        with counted(session) as sent:
            assert user.organization is library
        assert sent == [] and user in session.dirty
        await session.commit()
        await session.refresh(user)
        user.name = "carol"
        _, found = refused(lambda: user.organization)
        assert {"_load_expired", "_autoflush"} <= found
    return "read, nothing was sent, and the user is still unsaved; once expired: refused with _autoflush"


async def expired_column(Session):
    """An expired column flushes too: `_load_expired` and `_autoflush`; the new object is lost.

    The INSERT is in the error above; with asyncpg, whose transaction has not begun, it is in this one.
    """
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        session.add(User(name="carol", organization_id=1))
        error, found = refused(lambda: user.name)
        assert {"_load_expired", "_autoflush"} <= found
        assert "_emit_lazyload" not in found
        asyncpg = session.bind.dialect.driver == "asyncpg"
        assert ("_emit_insert_statements" in found) == asyncpg
        if not asyncpg:
            above = traceback.extract_tb(error.__context__.__traceback__)
            assert "_emit_insert_statements" in {frame.name for frame in above}
        await refused_await(session.commit())
    async with Session() as session:
        names = (await session.scalars(select(User.name))).all()
    assert names == ["alice"]
    where = "in the same traceback" if asyncpg else "in the error above"
    return f"_load_expired and _autoflush, _emit_insert_statements {where}; saved: {', '.join(names)}"


async def pydantic_fields(Session):
    """Pydantic: the relationship is MissingGreenlet, the fields after it are PendingRollbackError."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "bob"
        after = fields_refused(UserOut, user)
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "bob"
        first = fields_refused(UserOrganizationFirst, user)
    assert after == {"organization": "MissingGreenlet"}
    assert first == {"organization": "MissingGreenlet", "name": "PendingRollbackError"}
    return "name, organization: MissingGreenlet; organization, name: MissingGreenlet, PendingRollbackError"


async def rollback_frees(Session):
    """After `rollback()` the session can be used again, but its objects have expired."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "bob"
        refused(lambda: user.organization)
        await session.rollback()
        refused(lambda: user.name)
        await session.refresh(user, ["name", "organization"])
        assert (user.name, user.organization.name) == ("alice", "Library")
        user.name = "carol"
        await session.commit()
    assert await saved_name(Session) == "carol"
    return (
        "the read was refused; refresh() loaded alice of the Library; carol was saved"
    )


async def cost(Session):
    """With `selectinload` and after the change, what each fix sends up to the end of the commit."""
    sent_by = {}
    async with Session() as session:
        with counted(session) as sent_by["selectinload"]:
            load = selectinload(User.organization)
            user = await session.get_one(User, 1, options=[load])
            user.name = "bob"
            assert user.organization.name == "Library"
            await session.commit()
    async with Session() as session:
        with counted(session) as sent_by["refresh"]:
            user = await session.get_one(User, 1)
            user.name = "carol"
            await session.refresh(user, ["organization"])
            assert (user.name, user.organization.name) == ("carol", "Library")
            await session.commit()
    async with Session() as session:
        with counted(session) as sent_by["awaitable_attrs"]:
            user = await session.get_one(User, 1)
            user.name = "dave"
            assert (await user.awaitable_attrs.organization).name == "Library"
            await session.commit()
    assert sent_by == {
        "selectinload": ["SELECT", "SELECT", "UPDATE"],
        "refresh": ["SELECT", "UPDATE", "SELECT", "SELECT"],
        "awaitable_attrs": ["SELECT", "UPDATE", "SELECT"],
    }
    return "; ".join(f"{fix}: {' '.join(sent)}" for fix, sent in sent_by.items())


FACTS = (
    what_is_flushed,
    without_autoflush,
    flush_first,
    savepoint,
    in_the_session,
    expired_column,
    pydantic_fields,
    cost,
)
# What is left of the transaction depends on the pool.
FACTS_WITH_EACH_POOL = (frames, changes_lost, rollback_frees)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Alice of the Library, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()


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
            seen = await seen_with_each_pool(fact, url)
            print(f"{fact.__name__.replace('_', '-')}: {seen}")


asyncio.run(main())
