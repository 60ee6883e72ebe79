# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1", "pydantic>=2.14,<3"]
# ///
"""What the page `choose` says about costs and limits, each sentence asserted by a run."""

import asyncio
import contextlib
import os
import tempfile
from datetime import datetime

import pydantic
from sqlalchemy import (
    FetchedValue,
    ForeignKey,
    String,
    create_engine,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncAttrs, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    column_property,
    joinedload,
    mapped_column,
    raiseload,
    relationship,
    selectinload,
)
from sqlalchemy.orm.exc import DetachedInstanceError


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
    bio: Mapped[str] = mapped_column(server_default="", deferred=True)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()
    posts: Mapped[list["Post"]] = relationship()


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class EagerDefaultsUser(Base):
    __table__ = User.__table__
    __mapper_args__ = {"eager_defaults": True}


class SelectinUser(Base):
    __table__ = User.__table__
    posts: Mapped[list[Post]] = relationship(lazy="selectin", viewonly=True)


class WriteOnlyUser(Base):
    __table__ = User.__table__
    notes: WriteOnlyMapped["Note"] = relationship()


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class Row(Base):
    """One column for each setting that might bring back a SQL expression."""

    __tablename__ = "settings"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    plain: Mapped[str] = mapped_column(default="a")
    defaulted: Mapped[str] = mapped_column(server_default="a")
    sql_onupdate: Mapped[str] = mapped_column(default="a", onupdate=func.lower("A"))
    python_onupdate: Mapped[str] = mapped_column(default="a", onupdate="a")
    fetched: Mapped[str] = mapped_column(default="a", server_onupdate=FetchedValue())


Row.shout = column_property(Row.plain + "!")


class PostOut(pydantic.BaseModel, from_attributes=True):
    title: str


class UserOut(pydantic.BaseModel, from_attributes=True):
    name: str
    posts: list[PostOut]


def refused(read, inner_class=MissingGreenlet):
    """The error that `read()` raises, which has to be of this class or to wrap one."""
    try:
        read()
    except (
        DetachedInstanceError,
        MissingGreenlet,
        StatementError,
        pydantic.ValidationError,
    ) as error:
        inner = getattr(error, "orig", None) or error
        assert type(inner) is inner_class, error
        return error
    raise AssertionError("the read was not refused")


async def refused_await(call, raised):
    """Asserts that `await call` raises an error of this very class."""
    try:
        await call
    except (DetachedInstanceError, InvalidRequestError) as error:
        assert type(error) is raised, error
        return
    raise AssertionError("the call was not refused")


@contextlib.contextmanager
def statements(session):
    """Collects the statements that the database answers meanwhile."""
    answered = []

    def collect(_connection, _cursor, statement, *_):
        answered.append(statement)

    event.listen(session.bind.sync_engine, "after_cursor_execute", collect)
    yield answered
    event.remove(session.bind.sync_engine, "after_cursor_execute", collect)


async def counted(session, call):
    """The number of statements of `await call`."""
    with statements(session) as sent:
        await call
    return len(sent)


async def with_a_query(Session):
    """`selectinload` adds a SELECT per 500 distinct keys, `joinedload` none."""
    async with Session() as session:
        await session.execute(insert(User), [ALICE | {"id": n} for n in range(3, 1002)])
        await session.commit()
    counts = []
    for option in (
        selectinload(User.posts),
        selectinload(User.organization),
        joinedload(User.organization),
    ):
        async with Session() as session:
            sent = await counted(session, session.scalars(select(User).options(option)))
            counts.append(sent - 1)
    assert counts == [3, 1, 0]
    return "1001 users: 3 SELECTs for posts, 1 for two shared organizations, 0 joined"


async def after_an_insert(Session):
    """A relationship that is set at creation adds none; `refresh()` adds one for the row and one per relationship."""
    async with Session(expire_on_commit=False) as session:
        user = User(**ALICE)
        session.add(user)
        sent = await counted(session, session.commit())
        refused(lambda: user.posts)
        one = await counted(session, session.refresh(user, ["posts"]))
        both = session.refresh(user, ["name", "posts", "organization"])
        two = await counted(session, both)
    async with Session(expire_on_commit=False) as session:
        user = User(**ALICE, posts=[])
        session.add(user)
        assert await counted(session, session.commit()) == sent
        assert user.posts == []
    assert (one, two) == (2, 3)
    return f"set at creation: 0; refresh() of one relationship: {one}, of two: {two}"


async def after_an_update(Session):
    """`eager_defaults=True`: an UPDATE per object with UPDATE … RETURNING, else one UPDATE and a SELECT per object."""
    counts = {}
    for model in (User, EagerDefaultsUser):
        for number in (1, 2):
            async with Session(expire_on_commit=False) as session:
                users = (await session.scalars(select(model).limit(number))).all()
                for user in users:
                    user.name += "!"
                counts[model, number] = await counted(session, session.commit())
                if model is User:
                    refused(lambda user=users[0]: user.updated_at)
                else:
                    assert users[0].updated_at
            returning = session.bind.dialect.update_returning
    assert returning == (session.bind.dialect.name in ("sqlite", "postgresql"))
    assert (counts[User, 1], counts[User, 2]) == (1, 1)
    one, two = (1, 2) if returning else (2, 3)
    assert counts[EagerDefaultsUser, 1] == one
    assert counts[EagerDefaultsUser, 2] == two
    return f"1 object: {one} instead of 1; 2 objects: {two} instead of 1"


async def default_session(Session):
    """With `expire_on_commit=True`, the default, neither helps: the commit expires the object."""
    async with Session() as session:
        created = User(**ALICE, posts=[])
        session.add(created)
        await session.commit()
        refused(lambda: created.posts)
    async with Session() as session:
        changed = await session.get_one(EagerDefaultsUser, 1)
        changed.name = "dave"
        await session.commit()
        refused(lambda: changed.updated_at)
    return "posts=[] and eager_defaults=True were both refused after the commit"


async def serialization(Session):
    """Pydantic reads every field: what the query loaded is there, and adds no statement."""
    async with Session() as session:
        user = await session.scalar(select(User))
        error = refused(lambda: UserOut.model_validate(user), pydantic.ValidationError)
    [detail] = error.errors()
    assert detail["loc"] == ("posts",)
    assert "MissingGreenlet" in detail["msg"]
    async with Session() as session:
        user = await session.scalar(select(User).options(selectinload(User.posts)))
        with statements(session) as sent:
            assert UserOut.model_validate(user).posts[0].title == "Hello"
    assert sent == []
    return "refused without selectinload; 0 statements with it"


async def after_a_commit(Session):
    """`expire_on_commit=False` adds none."""
    counts = []
    for keep in ({}, {"expire_on_commit": False}):
        async with Session(**keep) as session:
            with statements(session) as sent:
                user = await session.get_one(User, 1)
                await session.commit()
                if keep:
                    assert user.name == "alice"
                else:
                    refused(lambda user=user: user.name)
            counts.append(len(sent))
    assert counts == [1, 1]
    return "1 statement with either setting"


async def after_a_rollback(Session):
    """After `rollback()` or `expire()`, `refresh()` is one SELECT per object."""
    async with Session() as session:
        users = (await session.scalars(select(User))).all()
        await session.rollback()
        counts = [await counted(session, session.refresh(user)) for user in users]
        session.expire_all()
        counts += [await counted(session, session.refresh(user)) for user in users]
    assert counts == [1, 1, 1, 1]
    return "1 for each of two users, after rollback() and after expire_all()"


async def few_objects(Session):
    """`awaitable_attrs` is one SELECT per object, two for a relationship of an expired object."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        counts = [
            await counted(session, getattr(user.awaitable_attrs, name))
            for name in ("posts", "organization", "bio")
        ]
        for name in ("posts", "organization"):
            await session.commit()
            again = getattr(user.awaitable_attrs, name)
            counts.append(await counted(session, again))
    assert counts == [1, 1, 1, 2, 2]
    return (
        "posts, organization, bio: 1 each; posts, organization after a commit: 2 each"
    )


async def nearly_every_query(Session):
    """`lazy="selectin"` on the model is one more per query, even if nobody reads it."""
    async with Session() as session:
        lazy = await counted(session, session.scalars(select(User)))
        eager = await counted(session, session.scalars(select(SelectinUser)))
    assert (lazy, eager) == (1, 2)
    return "2 instead of 1"


async def synchronous_function(Session):
    """`run_sync()` adds none itself; each lazy load in the function is one."""
    async with Session() as session:
        users = (await session.scalars(select(User))).all()
        nothing = await counted(session, session.run_sync(lambda _: None))
        reading = session.run_sync(lambda _: [user.posts for user in users])
        lazy = await counted(session, reading)
    assert (nothing, lazy) == (0, 2)
    return "0 for an empty function, 2 for two lazy loads"


async def large_collection(Session):
    """`WriteOnlyMapped`: `add()` is the INSERT alone, reading is a SELECT per user."""
    async with Session() as session:
        users = (await session.scalars(select(WriteOnlyUser))).all()
        users[0].notes.add(Note())
        adding = await counted(session, session.flush())
        reading = [
            await counted(session, session.scalars(user.notes.select()))
            for user in users
        ]
    assert (adding, reading) == (1, [1, 1])
    return "adding: the INSERT alone; reading: 1 for each of two users"


async def tasks(Session):
    """A session per task is a connection per task."""
    everyone = asyncio.Barrier(3)

    async def task():
        async with Session() as session:
            await session.scalar(select(User))
            await everyone.wait()
            connections = session.bind.pool.checkedout()
            await everyone.wait()
            return connections

    assert await asyncio.gather(task(), task(), task()) == [3, 3, 3]
    return "3 tasks, 3 connections"


async def listener(Session):
    """A listener for ORM statements adds none."""
    counts, heard = [], []
    async with Session() as session:
        counts.append(await counted(session, session.scalars(select(User))))
        event.listen(session.sync_session, "do_orm_execute", heard.append)
        counts.append(await counted(session, session.scalars(select(User))))
    assert counts == [1, 1]
    assert len(heard) == 1
    return "1 statement with and without it"


async def forgotten_options(Session):
    """`raiseload("*")` adds none."""
    async with Session() as session:
        counts = [
            await counted(session, session.scalars(select(User).options(*options)))
            for options in ((), (raiseload("*"),))
        ]
    assert counts == [1, 1]
    return "1 statement with and without it"


async def recognising(Session):
    """The read that raises has sent no statement that the database answered."""
    async with Session() as session:
        user = await session.scalar(select(User))
        with statements(session) as sent:
            refused(lambda: user.posts)
    assert sent == []
    return "0 statements"


async def plain_read(Session):
    """A plain read fails with AsyncAttrs and `expire_on_commit=False` too; awaited, or in `run_sync()`, it loads."""
    async with Session(expire_on_commit=False) as session:
        user = await session.scalar(select(User))
        refused(lambda: user.posts)
        assert len(await user.awaitable_attrs.posts) == 1
    async with Session(expire_on_commit=False) as session:
        user = await session.scalar(select(User))
        refused(lambda: user.posts)
        assert await session.run_sync(lambda _: len(user.posts)) == 1
    return "user.posts was refused; awaitable_attrs and run_sync() loaded it"


async def closed_session(Session):
    """Once its session is closed, nothing loads for an object, until it is added to an open one."""
    async with Session() as session:
        user = await session.scalar(select(User))
    refused(lambda: user.posts, DetachedInstanceError)
    await refused_await(user.awaitable_attrs.posts, DetachedInstanceError)
    async with Session() as session:
        await refused_await(session.refresh(user, ["posts"]), InvalidRequestError)
        session.add(user)
        await session.refresh(user, ["posts"])
    assert len(user.posts) == 1
    return "refused for a read, awaitable_attrs and refresh(); loaded after add()"


async def rolled_back(Session):
    """A rollback expires what any of them loaded."""
    async with Session(expire_on_commit=False) as session:
        user = await session.scalar(select(User).options(selectinload(User.posts)))
        await session.refresh(user, ["organization"])
        await user.awaitable_attrs.bio
        await session.rollback()
        for name in ("posts", "organization", "bio", "name"):
            refused(lambda name=name: getattr(user, name))
    return "posts, organization, bio and name were refused after rollback()"


async def sql_expression(Session):
    """`eager_defaults=True` brings back an assigned SQL expression only for some columns."""
    fetched = []
    async with Session(expire_on_commit=False) as session:
        row = Row()
        session.add(row)
        await session.flush()
        for column in Row.__table__.columns.keys()[1:]:
            setattr(row, column, func.upper("b"))
            await session.flush()
            if column not in inspect(row).expired_attributes:
                assert getattr(row, column) == "B"
                fetched.append(column)
            await session.refresh(row)
    assert fetched == ["defaulted", "sql_onupdate", "fetched"]
    return "server_default, SQL onupdate and server_onupdate=FetchedValue(): read; plain, Python onupdate: refused"


async def computed_by_a_query(Session):
    """`eager_defaults=True` doesn't bring back a `column_property`."""
    async with Session(expire_on_commit=False) as session:
        row = Row()
        session.add(row)
        await session.flush()
        refused(lambda: row.shout)
        await session.refresh(row)
        assert row.shout == "a!"
        row.plain = "b"
        await session.flush()
        refused(lambda: row.shout)
    return "refused after the INSERT and after the UPDATE; read after refresh()"


async def sync_engine(Session):
    """`create_engine()` with an async driver connects only inside `run_sync()`, unless the driver is psycopg."""

    def connect(_=None):
        engine = create_engine(Session.kw["bind"].url)
        with engine.connect() as connection:
            answer = connection.scalar(text("SELECT 42"))
        engine.dispose()
        return answer

    async with Session() as session:
        assert await session.run_sync(connect) == 42
        if session.bind.dialect.driver == "psycopg":
            assert connect() == 42
        else:
            refused(connect)
    return "refused outside run_sync(), connected inside it"


ALICE = {"name": "alice", "organization_id": 1}
FACTS = (
    with_a_query,
    after_an_insert,
    after_an_update,
    default_session,
    serialization,
    after_a_commit,
    after_a_rollback,
    few_objects,
    nearly_every_query,
    synchronous_function,
    large_collection,
    tasks,
    listener,
    forgotten_options,
    recognising,
    plain_read,
    closed_session,
    rolled_back,
    sql_expression,
    computed_by_a_query,
    sync_engine,
)


async def create_rows(engine, Session):
    """Alice and Bob, each of an organization and with a post, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        for name, home in (("alice", "Library"), ("bob", "Museum")):
            user = User(name=name, organization=Organization(name=home))
            user.posts = [Post(title="Hello")]
            session.add(user)
            await session.flush()
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        engine = create_async_engine(url)
        Session = async_sessionmaker(engine)
        for fact in FACTS:
            await create_rows(engine, Session)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
        await engine.dispose()


asyncio.run(main())
