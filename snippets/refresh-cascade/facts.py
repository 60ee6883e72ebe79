# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `refresh-cascade` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import (
    ForeignKey,
    String,
    event,
    inspect,
    select,
)
from sqlalchemy.exc import (
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
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


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="Hello")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    organization_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(default="alice")
    posts: Mapped[list[Post]] = relationship(cascade="all, delete-orphan")


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    posts: Mapped[list[Post]] = relationship(cascade="all", lazy="selectin")


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


def includes_sql(session):
    """Whether an error for want of a greenlet includes its SQL, in a transaction that has its connection already."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def saved(session):
    """A user and its post, in a session that loaded both with the INSERTs."""
    post = Post()
    user = User(posts=[post])
    session.add(user)
    await session.commit()
    return user, post


async def only_the_children(Session):
    """Each column of the child is refused and the parent's can be read; without the `refresh()`, the child's can too."""
    async with Session() as session:
        user, post = await saved(session)
        assert (post.id, post.title, post.user_id) == (1, "Hello", 1)
        await session.refresh(user)
        assert (user.id, user.name) == (1, "alice")
        for column in ("id", "title", "user_id"):
            assert column in inspect(post).expired_attributes
            refused(lambda column=column: getattr(post, column))
    return "without refresh(): all were read; with refresh(): the post's id, title and user_id were refused"


async def frames(Session):
    """`_load_expired` is in the traceback, `_emit_lazyload` isn't; it is the other way round for the collection."""
    async with Session() as session:
        user, post = await saved(session)
        await session.refresh(user)
        _, of_child = refused(lambda: post.title)
        _, of_collection = refused(lambda: user.posts)
    assert "_load_expired" in of_child and "_emit_lazyload" not in of_child
    assert "_emit_lazyload" in of_collection and "_load_expired" not in of_collection
    return "post.title: _load_expired; user.posts: _emit_lazyload"


async def collection_not_loaded(Session):
    """A post that a query of its own loaded can be read as long as `user.posts` isn't loaded."""
    async with Session() as session:
        await saved(session)
    async with Session() as session:
        post = await session.scalar(select(Post))
        user = await session.scalar(select(User))
        await session.refresh(user)
        assert post.title == "Hello"
        await session.refresh(user, ["posts"])
        await session.refresh(user)
        refused(lambda: post.title)
    return "read before user.posts was loaded, refused after it"


async def expire_cascades(Session):
    """`session.expire(user)` expires the loaded children too."""
    async with Session() as session:
        user, post = await saved(session)
        session.expire(user)
        await session.refresh(user, ["name"])
        assert user.name == "alice"
        refused(lambda: post.title)
    return "post.title was refused"


async def eager_children(Session):
    """With `lazy="selectin"`, or if the query that first loaded the parent had `selectinload()`, `refresh()` reloads the children as well."""
    async with Session() as session:
        post = Post()
        organization = Organization(posts=[post])
        session.add(organization)
        await session.commit()
        with statements(session) as sent:
            await session.refresh(organization)
        assert post.title == "Hello"
    assert sent == ["SELECT", "SELECT"]
    async with Session() as session:
        await saved(session)
    async with Session() as session:
        query = select(User).options(selectinload(User.posts))
        user = await session.scalar(query)
        [post] = user.posts
        with statements(session) as sent:
            await session.refresh(user)
        assert post.title == "Hello"
    assert sent == ["SELECT", "SELECT"]
    return "post.title was read after two SELECTs, with both"


async def attribute_names(Session):
    """With the names of columns, `refresh()` sends one SELECT and expires no child; with the collection's too, it sends two."""
    counts = []
    for names in (["name"], ["name", "posts"]):
        async with Session() as session:
            user, post = await saved(session)
            with statements(session) as sent:
                await session.refresh(user, names)
            assert post.title == "Hello"
            counts.append(len(sent))
    assert counts == [1, 2]
    return "the columns: 1 SELECT; the columns and posts: 2"


async def needless(Session):
    """With `expire_on_commit=False`, every column that the session wrote can be read after the commit without `refresh()`."""
    async with Session() as session:
        with statements(session) as sent:
            user, post = await saved(session)
            assert (user.id, user.name, post.id, post.title) == (1, "alice", 1, "Hello")
    assert "SELECT" not in sent
    return "all columns were read without a SELECT"


async def statement(Session):
    """If the error includes its SQL, it selects the child by its primary key, and the collection by its foreign key."""
    async with Session() as session:
        user, post = await saved(session)
        await session.refresh(user)
        of_child, _ = refused(lambda: post.title)
        of_collection, _ = refused(lambda: user.posts)
        assert isinstance(of_child, StatementError) == includes_sql(session)
        assert isinstance(of_collection, StatementError) == includes_sql(session)
    if not isinstance(of_child, StatementError):
        return "no SQL"
    assert " WHERE posts.id = " in " ".join(of_child.statement.split())
    assert of_collection.statement.endswith(" = posts.user_id")
    return "WHERE posts.id = …, WHERE … = posts.user_id"


FACTS = (
    only_the_children,
    frames,
    collection_not_loaded,
    expire_cascades,
    eager_children,
    attribute_names,
    needless,
)
# The class of an error, and whether it includes its SQL, may depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_tables(engine):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    for fact in FACTS:
        await create_tables(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                Session = async_sessionmaker(engine, expire_on_commit=False)
                await create_tables(engine)
                seen.append(f"{pool}: {await fact(Session)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
