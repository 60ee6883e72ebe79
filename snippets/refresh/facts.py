# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `refresh` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from contextlib import contextmanager

from sqlalchemy import (
    ForeignKey,
    String,
    delete,
    event,
    select,
    text,
)
from sqlalchemy.exc import (
    InvalidRequestError,
    MissingGreenlet,
    StatementError,
)
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
    undefer,
)


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    users: Mapped[list["User"]] = relationship(back_populates="organization")


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    bio: Mapped[str] = mapped_column(deferred=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(
        back_populates="users", lazy="selectin"
    )
    posts: Mapped[list[Post]] = relationship()


class Member(Base):
    __tablename__ = "members"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(lazy="joined")


alice = select(User).where(User.name == "alice")


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


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def without_names(Session):
    """Without names, the columns and the eager relationship are loaded, and a lazy one that had been loaded isn't."""
    async with Session() as session:
        user = await session.scalar(alice)
        await session.refresh(user, ["posts"])
        assert len(user.posts) == 1
        await session.refresh(user)
        assert (user.name, user.organization.name) == ("alice", "Library")
        refused(lambda: user.posts)
    return "name and organization were read, posts was refused"


async def deferred_column(Session):
    """A deferred column is unloaded, unless the query that first loaded the object undeferred it."""
    async with Session() as session:
        user = await session.scalar(alice)
        assert await user.awaitable_attrs.bio == "hello"
        await session.refresh(user)
        refused(lambda: user.bio)
        new = User(name="dave", bio="new", organization_id=1)
        session.add(new)
        await session.commit()
        assert new.bio == "new"
        await session.refresh(new)
        refused(lambda: new.bio)
    async with Session() as session:
        user = await session.scalar(alice.options(undefer(User.bio)))
        await session.refresh(user)
        assert user.bio == "hello"
    return "refused after awaitable_attrs and on a new object; hello with undefer()"


async def with_names(Session):
    """With names, the other attributes stay as they were: loaded, or expired after a commit."""
    async with Session(expire_on_commit=True) as session:
        user = await session.scalar(alice)
        await session.refresh(user, ["posts"])
        assert user.name == "alice"
        await session.commit()
        await session.refresh(user, ["posts"])
        assert len(user.posts) == 1
        refused(lambda: user.name)
    return "name was read after refresh(user, ['posts']), but after a commit it was refused"


async def selects(Session):
    """A relationship costs a SELECT after that of the row, but a many-to-one none if its object is still used, and `lazy="joined"` none; after a commit, a many-to-one costs one more."""
    counts = {}

    async def count(label, session, target, names=None):
        with statements(session) as sent:
            await session.refresh(target, names)
        counts[label] = len(sent)

    async with Session() as session:
        user = await session.scalar(alice)
        await count("posts", session, user, ["posts"])
        await count("name and posts", session, user, ["name", "posts"])
        await count("many-to-one", session, user)
        organization = user.organization
        await count("many-to-one in use", session, user)
        assert user.organization is organization
    async with Session(expire_on_commit=True) as session:
        user = await session.scalar(alice)
        await session.commit()
        await count("many-to-one after a commit", session, user, ["organization"])
        assert user.organization.name == "Library"
    async with Session() as session:
        member = await session.scalar(select(Member))
        await count("joined", session, member)
        assert member.organization.name == "Library"
    assert list(counts.values()) == [2, 2, 2, 1, 3, 1]
    return ", ".join(f"{label}: {number}" for label, number in counts.items())


async def for_each(Session):
    """`refresh()` takes a SELECT for each object; a query with `populate_existing` overwrites all of them with one."""
    counts = []
    async with Session() as session:
        first, second = (await session.scalars(select(Organization))).all()
        await session.execute(text("UPDATE organizations SET name = 'Archive'"))
        with statements(session) as sent:
            await session.refresh(first)
            await session.refresh(second)
        counts.append(len(sent))
        assert first.name == second.name == "Archive"
        await session.execute(text("UPDATE organizations SET name = 'Depot'"))
        query = select(Organization).execution_options(populate_existing=True)
        with statements(session) as sent:
            await session.scalars(query)
        counts.append(len(sent))
        assert first.name == second.name == "Depot"
    assert counts == [2, 1]
    return "2 objects: 2 SELECTs with refresh(), 1 with populate_existing"


async def unflushed_change(Session):
    """A change that wasn't flushed is lost, on every attribute that is refreshed."""
    async with Session() as session:
        user = await session.scalar(alice)
        user.name = "bob"
        await session.refresh(user)
        assert user.name == "alice"
        user.name = "bob"
        await session.refresh(user, ["organization_id"])
        assert user.name == "bob"
    return "alice after refresh(user); bob after refresh(user, ['organization_id'])"


async def foreign_key(Session):
    """A foreign key that another session changed is noticed if it is named together with its relationship."""
    seen = []
    async with Session() as session:
        user = await session.scalar(alice)
        async with Session() as other:
            (await other.get_one(User, user.id)).organization_id = 2
            await other.commit()
        # A new transaction, because MariaDB repeats what the first one read.
        await session.commit()
        for names in (["organization"], ["organization_id", "organization"]):
            await session.refresh(user, names)
            seen.append(user.organization.name)
    assert seen == ["Library", "Museum"]
    return "Library with organization alone, Museum with organization_id"


async def needs_a_row(Session):
    """An object of another session, one whose row is gone, and one that wasn't flushed raise InvalidRequestError."""
    async with Session() as session, Session() as other:
        member = await session.scalar(select(Member))
        outcomes = await asyncio.gather(other.refresh(member), return_exceptions=True)
        await session.execute(
            delete(Member).execution_options(synchronize_session=False)
        )
        new = Member(name="carol", organization_id=1)
        session.add(new)
        for target in (member, new):
            with session.no_autoflush:
                outcomes += await asyncio.gather(
                    session.refresh(target), return_exceptions=True
                )
    assert [type(outcome) for outcome in outcomes] == [InvalidRequestError] * 3, (
        outcomes
    )
    return "InvalidRequestError three times"


async def one_level(Session):
    """The relationships of the objects that it loaded stay lazy."""
    async with Session() as session:
        user = await session.scalar(alice)
        await session.refresh(user, ["organization"])
        assert user.organization.name == "Library"
        refused(lambda: user.organization.users)
    return "organization was read, its users were refused"


FACTS = (
    without_names,
    deferred_column,
    with_names,
    selects,
    for_each,
    unflushed_change,
    foreign_key,
    needs_a_row,
    one_level,
)


async def create_rows(engine, Session):
    """A user and a member in the first of two organizations, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(Organization(id=1, name="Library"))
        session.add(Organization(id=2, name="Museum"))
        await session.flush()
        session.add(User(name="alice", bio="hello", organization_id=1, posts=[Post()]))
        session.add(Member(name="bob", organization_id=1))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
