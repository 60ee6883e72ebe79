# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `sql-expression-value` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import (
    FetchedValue,
    String,
    event,
    func,
    inspect,
    select,
    text,
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
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    views: Mapped[int] = mapped_column(default=0)
    likes: Mapped[int] = mapped_column(server_default=text("0"))


class EagerPost(Base):
    __tablename__ = "eager_posts"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    plain: Mapped[int] = mapped_column(default=0)
    python_onupdate: Mapped[int] = mapped_column(default=0, onupdate=lambda: 7)
    server_default: Mapped[int] = mapped_column(server_default=text("0"))
    sql_onupdate: Mapped[int] = mapped_column(default=0, onupdate=text("7"))
    server_onupdate: Mapped[int] = mapped_column(
        default=0, server_onupdate=FetchedValue()
    )


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


def includes_sql(session, pool):
    """Whether an error for want of a greenlet includes its SQL."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return pool == "default pool" and driver in from_cursor


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def viewed(session):
    """A post whose `views` were counted up by a SQL expression, and which was saved."""
    post = Post(title="Hello", views=41)
    session.add(post)
    await session.commit()
    post.views = Post.views + 1
    await session.commit()
    return post


async def only_this_attribute(Session):
    """Only the attribute with the expression has expired."""
    async with Session() as session:
        post = await viewed(session)
        assert inspect(post).expired_attributes == {"views"}
        assert (post.id, post.title) == (1, "Hello")
        refused(lambda: post.views)
    return "id and title were read, views was refused"


async def frames(Session):
    """`_load_expired` is in the traceback, `_emit_lazyload` isn't."""
    async with Session() as session:
        post = await viewed(session)
        _, names = refused(lambda: post.views)
    assert "_load_expired" in names and "_emit_lazyload" not in names
    return "_load_expired"


async def eager_defaults_update(Session):
    """With `eager_defaults=True`, an UPDATE fetches it if the column has a `server_onupdate`, a SQL `onupdate` or a `server_default`."""
    seen = []
    for key in inspect(EagerPost).columns.keys()[1:]:
        async with Session() as session:
            post = EagerPost()
            session.add(post)
            await session.commit()
            setattr(post, key, getattr(EagerPost, key) + 1)
            with statements(session) as sent:
                await session.commit()
            loaded = key not in inspect(post).unloaded
            assert loaded == (key not in ("plain", "python_onupdate"))
            if not loaded:
                refused(lambda post=post, key=key: getattr(post, key))
            has_returning = session.bind.dialect.name in ("sqlite", "postgresql")
            by_returning = has_returning and key != "server_default"
            assert sent == (["UPDATE"] if by_returning else ["UPDATE", "SELECT"])
        seen.append(f"{key}: {' and '.join(sent) if loaded else 'refused'}")
    return ", ".join(seen)


async def server_default_insert(Session):
    """An INSERT fetches an expression for a column with a `server_default`, at no further statement."""
    async with Session() as session:
        post = Post(title="Hello", views=func.abs(-3), likes=func.abs(-4))
        session.add(post)
        with statements(session) as sent:
            await session.commit()
        assert post.likes == 4
        refused(lambda: post.views)
    assert sent == ["INSERT"]
    return "one INSERT; with server_default 4, without it refused"


async def before_the_flush(Session):
    """Before the flush, the attribute is the expression itself."""
    async with Session() as session:
        post = await viewed(session)
        post.views = Post.views + 1
        assert str(post.views) == "posts.views + :views_1"
    return str(post.views)


async def lost_view(Session):
    """Of two sessions that count up in Python, one view is lost; a SQL expression counts both."""
    totals = []
    for one_more in (lambda post: post.views + 1, lambda _: Post.views + 1):
        async with Session() as first, Session() as second:
            first.add(Post(title="Hello", views=41))
            await first.commit()
            query = select(Post).order_by(Post.id.desc()).limit(1)
            mine, theirs = await first.scalar(query), await second.scalar(query)
            mine.views, theirs.views = one_more(mine), one_more(theirs)
            await first.commit()
            await second.commit()
            await first.refresh(mine)
            totals.append(mine.views)
    assert totals == [42, 43]
    return f"41 becomes {totals[0]} by Python, {totals[1]} by SQL"


async def statement(Session, pool):
    """If the error includes its SQL, the SELECT is for the one column."""
    async with Session() as session:
        post = await viewed(session)
        error, _ = refused(lambda: post.views)
        assert isinstance(error, StatementError) == includes_sql(session, pool)
    if not isinstance(error, StatementError):
        return "no SQL"
    columns = error.statement.split("FROM")[0]
    assert "posts.views" in columns
    assert "posts.id" not in columns and "posts.title" not in columns
    return "SELECT posts.views"


FACTS = (
    only_this_attribute,
    frames,
    eager_defaults_update,
    server_default_insert,
    before_the_flush,
    lost_view,
)
# The class of an error, and whether it includes its SQL, depend on the pool.
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
                seen.append(f"{pool}: {await fact(Session, pool)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
