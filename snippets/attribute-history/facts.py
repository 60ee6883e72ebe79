# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0.10,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `attribute-history` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from pathlib import Path

from sqlalchemy import ForeignKey, String, event, inspect, select
from sqlalchemy.exc import MissingGreenlet, PendingRollbackError, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
)
from sqlalchemy.orm.attributes import PASSIVE_NO_INITIALIZE, get_history


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    email: Mapped[str] = mapped_column(default="", active_history=True)
    posts: Mapped[list["Post"]] = relationship(
        back_populates="author", foreign_keys="Post.author_id"
    )


class Draft(Base):
    __tablename__ = "drafts"

    id: Mapped[int] = mapped_column(primary_key=True)


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="posts", foreign_keys=author_id)
    editor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    editor: Mapped[User | None] = relationship(
        foreign_keys=editor_id, active_history=True
    )
    draft_id: Mapped[int | None] = mapped_column(ForeignKey("drafts.id"))
    draft: Mapped[Draft | None] = relationship(single_parent=True)
    version: Mapped[int] = mapped_column(default=1)
    __mapper_args__ = {"version_id_col": version}


def refused(read):
    """The error that `read()` raises for want of a greenlet, and its frames, as in `util.set_`."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return [
            f"{Path(frame.filename).stem}.{frame.name}"
            for frame in traceback.extract_tb(error.__traceback__)
        ]
    raise AssertionError("the read was not refused")


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def frames(Session):
    """The frames: `load_history` or `get_history` right below the own line, then `_emit_lazyload`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        loaded = refused(lambda: inspect(user).attrs.posts.load_history())
        got = refused(lambda: get_history(user, "posts"))
    below = [found[found.index("facts.<lambda>") + 1] for found in (loaded, got)]
    assert below == ["state.load_history", "attributes.get_history"]
    for found in (loaded, got):
        assert "strategies._emit_lazyload" in found
        assert "attributes.__get__" not in found
    return "load_history, get_history, _emit_lazyload; no __get__"


async def history_sends_nothing(Session):
    """`.history`, and `get_history()` with `PASSIVE_NO_INITIALIZE`, send nothing: what isn't loaded is empty."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        session.add(Post(author=user))
        assert inspect(user).attrs.posts.history == ((), (), ())
    async with Session() as session:
        user = await session.get_one(User, 1)
        sent = statements_of(session)
        for history in (
            inspect(user).attrs.posts.history,
            get_history(user, "posts", passive=PASSIVE_NO_INITIALIZE),
        ):
            assert history == ((), (), ())
        user.name = "bob"
        assert inspect(user).attrs.name.history == (["bob"], (), ["alice"])
        await session.commit()
        user.name = "carol"
        assert inspect(user).attrs.name.history == (["carol"], (), ())
        assert [statement.split()[0] for statement in sent] == ["UPDATE"]
    return "posts: empty, a new post too; name: from alice to bob; once expired: carol alone"


async def columns(Session):
    """A loaded column is no problem for `load_history()`, an expired one is refused in `_load_expired`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        name = inspect(user).attrs.name
        user.name = "bob"
        assert name.load_history() == (["bob"], (), ["alice"])
        await session.commit()
        assert "state._load_expired" in refused(name.load_history)
        user.name = "carol"
        assert name.load_history() == (["carol"], (), ())
    return "loaded: from alice to bob; expired: refused in _load_expired, but not once it is set"


async def set_unloaded(Session):
    """After `post.author = bob`, `load_history()` sends nothing; it knows the old author only if it's in the session."""
    async with Session() as session:
        post, bob = await session.get_one(Post, 1), await session.get_one(User, 2)
        sent = statements_of(session)
        post.author = bob
        assert inspect(post).attrs.author.load_history() == ([bob], (), ())
        assert sent == []
    async with Session() as session:
        post = await session.get_one(Post, 1, options=[joinedload(Post.author)])
        alice, bob = post.author, await session.get_one(User, 2)
        post.author = bob
        assert inspect(post).attrs.author.history == ([bob], (), [alice])
    async with Session() as session:
        alice, bob = [await session.get_one(User, id_) for id_ in (1, 2)]
        post = await session.get_one(Post, 1)
        assert "author" in inspect(post).unloaded
        post.author = bob
        assert inspect(post).attrs.author.load_history() == ([bob], (), [alice])
    return "not loaded: bob alone, 0 statements; loaded, or in the session: from alice to bob"


async def active_history(Session):
    """With `active_history=True`, setting an attribute loads the old value: a relationship, or an expired column.

    So it does, without that option, for a primary key, a version column and `single_parent=True`.
    """
    async with Session() as session:
        post, bob = await session.get_one(Post, 1), await session.get_one(User, 2)
        found = refused(lambda: setattr(post, "editor", bob))
        assert found[found.index("facts.<lambda>") + 1] == "attributes.__set__"
        assert "strategies._emit_lazyload" in found
        assert "attributes.__set__" in refused(lambda: setattr(post, "draft", None))
        post.author = bob
    async with Session() as session:
        post, bob = await session.get_one(Post, 1), await session.get_one(User, 2)
        bob.email = "bob@example.com"
        await session.commit()
        for owner, name in ((bob, "email"), (bob, "id"), (post, "version")):
            found = refused(lambda o=owner, n=name: setattr(o, n, 7))
            assert {"attributes.__set__", "state._load_expired"} <= set(found)
        bob.name = "bobby"
        await session.commit()
    return "refused below __set__, as a primary key, a version and single_parent=True; others: set"


async def autoflush(Session):
    """With unsaved changes, the SELECT flushes them first, so the error is the flush's, and the session is rolled back."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        user.name = "bob"
        assert "session._autoflush" in refused(inspect(user).attrs.posts.load_history)
        [error] = await asyncio.gather(session.commit(), return_exceptions=True)
        assert isinstance(error, PendingRollbackError), error
    async with Session() as session:
        assert await session.scalar(select(User.name).where(User.id == 1)) == "alice"
    return "refused in the flush; commit(): PendingRollbackError, the name still alice"


async def run_sync(Session):
    """Inside `run_sync()` it works, for one SELECT; without `no_autoflush` that SELECT empties the history of changes."""

    def changed_name(sync_session, user, flush):
        user.name = "bob"
        sync_session.autoflush = flush
        posts = inspect(user).attrs.posts.load_history()
        return len(posts.unchanged), inspect(user).attrs.name.history.deleted

    seen = []
    for flush in (False, True):
        async with Session() as session:
            user = await session.get_one(User, 1)
            sent = statements_of(session)
            seen.append(await session.run_sync(changed_name, user, flush))
            selects = [statement for statement in sent if "SELECT" in statement]
            assert len(selects) == 1
    assert seen == [(2, ["alice"]), (2, ())]
    return "1 SELECT, 2 posts; the old name: alice without autoflush, none with it"


async def before_flush(Session):
    """In a `before_flush` listener, `load_history()` works without a change."""
    seen = []
    async with Session() as session:

        @event.listens_for(session.sync_session, "before_flush")
        def log(sync_session, *_):
            for user in sync_session.dirty:
                attrs = inspect(user).attrs
                name, posts = attrs.name.load_history(), attrs.posts.load_history()
                seen.append((name.deleted, len(posts.unchanged)))

        user = await session.get_one(User, 1)
        user.name = "bob"
        await session.commit()
    assert seen == [(["alice"], 2)]
    return "from alice, 2 posts"


async def is_modified(Session):
    """`session.is_modified()` and `inspect(user).modified` send nothing, on an expired object too."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        sent = statements_of(session)
        assert not session.is_modified(user) and not inspect(user).modified
        user.name = "bob"
        assert session.is_modified(user) and inspect(user).modified
        assert sent == []
    return "False, and True after a change; 0 statements"


FACTS = (
    frames,
    history_sends_nothing,
    columns,
    set_unloaded,
    active_history,
    autoflush,
    run_sync,
    before_flush,
    is_modified,
)


async def create_rows(engine, Session):
    """Alice with two posts, and Bob, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(id=1, name="alice"))
        session.add(User(id=2, name="bob"))
        await session.flush()
        session.add(Post(id=1, author_id=1, editor_id=1, draft=Draft()))
        session.add(Post(id=2, author_id=1))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine)
    for fact in FACTS:
        await create_rows(engine, Session)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()


asyncio.run(main())
