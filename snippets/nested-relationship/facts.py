# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `nested-relationship` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import re
import tempfile
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import ArgumentError, MissingGreenlet, StatementError
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


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship()


def refused(read):
    """The error that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error
    raise AssertionError("the read was not refused")


async def argument_error(awaitable):
    """The ArgumentError that the `await` raises."""
    try:
        await awaitable
    except ArgumentError as error:
        return error
    raise AssertionError("no ArgumentError was raised")


def includes_sql(session):
    """Whether the error includes its SQL: the pool does not matter, as the session still has its connection."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


@contextmanager
def statements(session):
    """The statements that are sent inside of the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def side_by_side(Session):
    """Two options side by side are no chain: they raise ArgumentError."""
    load = [selectinload(Post.author), selectinload(User.organization)]
    async with Session() as session:
        error = await argument_error(session.scalars(select(Post).options(*load)))
    message = "does not apply to any of the root entities in this query"
    assert message in str(error)
    return f"ArgumentError: … {message} …"


async def costs(Session):
    """The second level costs one more SELECT with `selectinload()`, and none with `joinedload()`."""
    author = selectinload(Post.author)
    counts = []
    for load, tables in (
        (author, ["posts", "users"]),
        (
            author.selectinload(User.organization),
            ["posts", "users", "organizations"],
        ),
        (author.joinedload(User.organization), ["posts", "users"]),
    ):
        async with Session() as session:
            query = select(Post).options(load)
            with statements(session) as sent:
                posts = (await session.scalars(query)).all()
            assert [re.search(r"FROM (\w+)", text)[1] for text in sent] == tables
            counts.append(len(sent))
            if load is author:
                refused(lambda posts=posts: posts[0].author.organization)
            else:
                assert {post.author.organization.name for post in posts} == {
                    "Library",
                    "Museum",
                }
    first, chained, joined = counts
    return f"first level {first}, selectinload() {chained}, joinedload() {joined}"


async def awaitable_attrs(Session):
    """`awaitable_attrs` loads one level, and sends one SELECT for each organization that is not in the session."""
    counts = []
    async with Session() as session:
        query = select(Post).order_by(Post.id)
        for post in (await session.scalars(query)).all():
            author = await post.awaitable_attrs.author
            if author.name != "bob":
                refused(lambda author=author: author.organization)
            with statements(session) as sent:
                await author.awaitable_attrs.organization
            counts.append(len(sent))
    assert counts == [1, 0, 1]
    return "SELECTs of organizations: alice 1, bob of the same one 0, carol 1"


async def statement(Session):
    """If the error includes its SQL, it names the table of the second relationship."""
    async with Session() as session:
        query = select(Post).options(selectinload(Post.author)).order_by(Post.id)
        post = (await session.scalars(query)).first()
        error = refused(lambda: post.author.organization)
        expected = includes_sql(session)
    assert isinstance(error, StatementError) == expected
    if not expected:
        return "no SQL"
    return re.search(r"FROM organizations", error.statement)[0]


FACTS = (side_by_side, costs, awaitable_attrs)
# Whether an error includes its SQL may depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Three posts by three users, two of whom are in one organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(id=1, name="Library")
        museum = Organization(id=2, name="Museum")
        alice = User(name="alice", organization=library)
        bob = User(name="bob", organization=library)
        carol = User(name="carol", organization=museum)
        for number, author in enumerate((alice, bob, carol), 1):
            session.add(Post(id=number, title=f"by {author.name}", author=author))
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
