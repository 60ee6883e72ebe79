# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `model-property` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.associationproxy import AssociationProxy, association_proxy
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.pool import NullPool


class Base(AsyncAttrs, DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Tag(Base):
    __tablename__ = "tags"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    post_id: Mapped[int] = mapped_column(ForeignKey("posts.id"))


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    tags: Mapped[list[Tag]] = relationship()


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    posts: Mapped[list[Post]] = relationship(order_by=Post.id)
    proxied_titles: AssociationProxy[list[str]] = association_proxy("posts", "title")

    @property
    def titles(self) -> str:
        return ", ".join(post.title for post in self.posts)

    @hybrid_property
    def hybrid_titles(self) -> str:
        return ", ".join(post.title for post in self.posts)

    @property
    def tag_names(self) -> str:
        return ", ".join(tag.name for post in self.posts for tag in post.tags)


class EagerUser(Base):
    __table__ = User.__table__
    posts: Mapped[list[Post]] = relationship(lazy="selectin")


def refused(read):
    """The error that `read()` raises for want of a greenlet, and its frames as file and function."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return error, [
            (Path(frame.filename).name, frame.name)
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    raise AssertionError("the read was not refused")


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


async def getters(Session):
    """The last own line is in the getter; with a `hybrid_property` hybrid.py stands above it."""
    own = Path(__file__).name
    async with Session() as session:
        user = await session.get_one(User, 1)
        _, frames = refused(lambda: user.titles)
        assert [frame for frame in frames if frame[0] == own][-1] == (own, "titles")
        _, frames = refused(lambda: user.hybrid_titles)
        getter = frames.index((own, "hybrid_titles"))
        assert [frame for frame in frames if frame[0] == own][-1] == frames[getter]
        assert (frames[getter - 2][1], frames[getter - 1][0]) == (
            "<lambda>",
            "hybrid.py",
        )
    return "property: titles last; hybrid_property: hybrid.py, then hybrid_titles last"


async def proxy(Session):
    """With an `association_proxy` no line of the model appears, but associationproxy.py does."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        _, frames = refused(lambda: list(user.proxied_titles))
        own = [function for file, function in frames if file == Path(__file__).name]
        assert own == ["refused", "<lambda>"]
        assert "associationproxy.py" in [file for file, _ in frames]
    return "associationproxy.py, and no line of the model"


async def awaitable_attrs(Session):
    """`awaitable_attrs` loads whatever the getter reads, to any depth; for one relationship it is one SELECT per object."""
    seen = {}
    for name in ("titles", "hybrid_titles", "tag_names"):
        async with Session() as session:
            user = await session.get_one(User, 1)
            with statements(session) as sent:
                value = await getattr(user.awaitable_attrs, name)
            assert value == getattr(user, name)
            seen[name] = (value, len(sent))
    assert seen["titles"] == seen["hybrid_titles"] == ("Maps, Coins", 1)
    assert seen["tag_names"] == ("old, rare", 3)
    return "titles and hybrid_titles: 1 SELECT; tag_names of two posts: 3"


async def on_the_model(Session):
    """`lazy="selectin"` costs a SELECT for a query of users, needed or not, and does not help a new object."""
    async with Session() as session:
        with statements(session) as sent:
            (await session.scalars(select(EagerUser))).one()
        assert len(sent) == 2
        user = EagerUser(id=2, name="bob")
        session.add(user)
        await session.flush()
        refused(lambda: user.posts)
    return "2 statements for the query; a new object: refused"


async def statement(Session):
    """`_emit_lazyload` is in the traceback; the SQL, if the error includes it, names the table that the getter needs."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        error, frames = refused(lambda: user.titles)
        assert "_emit_lazyload" in [function for _, function in frames]
        assert isinstance(error, StatementError) == includes_sql(session)
    if not isinstance(error, StatementError):
        return "no SQL"
    assert "FROM posts" in error.statement
    return "FROM posts"


FACTS = (getters, proxy, awaitable_attrs, on_the_model)
# Whether an error includes its SQL may depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """A user with two posts, with a tag each, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        maps = Post(id=1, title="Maps", tags=[Tag(name="old")])
        coins = Post(id=2, title="Coins", tags=[Tag(name="rare")])
        session.add(User(id=1, name="alice", posts=[maps, coins]))
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
