# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `new-object-relationship` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from contextlib import contextmanager

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


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
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization | None] = relationship()
    posts: Mapped[list["Post"]] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


def refused(read):
    """The functions in the traceback of the error that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    raise AssertionError("the read was not refused")


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
    """`_emit_lazyload` without `_load_expired`, after a flush and with `expire_on_commit=False` after a commit."""
    async with Session(expire_on_commit=False) as session:
        user = User(name="alice", organization_id=1)
        session.add(user)
        for end in (session.flush, session.commit):
            await end()
            for read in (lambda: user.posts, lambda: user.organization):
                functions = refused(read)
                assert "_emit_lazyload" in functions
                assert "_load_expired" not in functions
    return "flush: _emit_lazyload alone; commit: _emit_lazyload alone"


async def read_before_flush(Session):
    """Reading `posts` before the flush works, and does not help; setting it does."""
    async with Session() as session:
        user, other = User(name="alice"), User(name="bob")
        session.add_all([user, other])
        with statements(session) as sent:
            before = user.posts
            other.posts = []
        assert before == [] and not sent
        await session.flush()
        refused(lambda: user.posts)
        assert other.posts == []
    return "[] before the flush, refused after it; [] after it where it was set"


async def null_foreign_key(Session):
    """A many-to-one whose foreign key is NULL is None after the flush, without a statement."""
    async with Session() as session:
        with_key = User(name="alice", organization_id=1)
        without = User(name="bob")
        session.add_all([with_key, without])
        await session.flush()
        refused(lambda: with_key.organization)
        with statements(session) as sent:
            assert without.organization is None
        assert not sent
    return "organization_id=1 was refused; without a key None, no statement"


async def none_writes_null(Session):
    """`organization=None` beside `organization_id=1` writes NULL."""
    async with Session() as session:
        session.add(User(id=1, name="alice", organization_id=1))
        session.add(User(id=2, name="bob", organization_id=1, organization=None))
        await session.commit()
        query = select(User.organization_id).order_by(User.id)
        alice, bob = (await session.scalars(query)).all()
    assert alice == 1 and bob is None
    return f"organization_id=1: {alice}; with organization=None as well: NULL"


async def set_the_object(Session):
    """The organization costs one SELECT, or none if it is in the session already."""
    async with Session(expire_on_commit=False) as session:
        with statements(session) as first:
            library = await session.get_one(Organization, 1)
        with statements(session) as second:
            assert await session.get_one(Organization, 1) is library
        user = User(name="alice", organization=library)
        session.add(user)
        await session.commit()
        assert user.organization.name == "Library"
    assert (len(first), len(second)) == (1, 0)
    return f"{len(first)} SELECT, then {len(second)}"


FACTS = (frames, read_before_flush, null_foreign_key, none_writes_null, set_the_object)


async def create_rows(engine, Session):
    """An organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(Organization(id=1, name="Library"))
        await session.commit()


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
