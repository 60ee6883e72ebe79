# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `validator` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from pathlib import Path

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    validates,
)
from sqlalchemy.orm import (
    Session as SyncSession,
)


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
    posts: Mapped[list["Post"]] = relationship(back_populates="author")
    notes: Mapped[list["Note"]] = relationship(back_populates="author")

    @validates("posts")
    def check_post(self, _key, post):
        assert self.organization.name
        return post

    @validates("notes", include_backrefs=False)
    def check_note(self, _key, note):
        assert self.organization.name
        return note


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    tag: Mapped[str] = mapped_column(default="")
    mark: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="posts")

    @validates("title")
    def check_title(self, _key, title):
        assert self.author.name != title
        return title

    @validates("tag")
    def check_tag(self, _key, tag):
        assert self.author_id
        return tag


class Note(Base):
    __tablename__ = "notes"

    id: Mapped[int] = mapped_column(primary_key=True)
    text: Mapped[str] = mapped_column(default="")
    topic: Mapped[str] = mapped_column(default="")
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="notes")

    @validates("topic")
    def check_topic(self, _key, topic):
        return f"{topic} by {self.author and self.author.name}"


@event.listens_for(Post.mark, "set")
def check_mark(post, mark, *_):
    assert post.author.name != mark


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
    """The frames: `__set__`, then `set_` of `orm/util.py`, the own function, and `_emit_lazyload`."""
    async with Session() as session:
        post = await session.get_one(Post, 1)
        found = refused(lambda: setattr(post, "title", "Coins"))
    own = found.index("facts.check_title")
    assert found[own - 1] == "util.set_"
    assert "attributes.__set__" in found[:own]
    assert found[own + 1] == "attributes.__get__"
    assert "strategies._emit_lazyload" in found[own:]
    return "__set__, set_, check_title, __get__, _emit_lazyload"


async def listener(Session):
    """A listener of the attribute's `set` event is refused too, without `set_` of `orm/util.py`."""
    async with Session() as session:
        post = await session.get_one(Post, 1)
        found = refused(lambda: setattr(post, "mark", "Coins"))
    own = found.index("facts.check_mark")
    assert found[own - 1] == "events.wrap" and "util.set_" not in found
    return "__set__, wrap, check_mark, __get__"


async def back_populates(Session):
    """`Note(author=user)` runs the validator of `user.posts` too, unless it has `include_backrefs=False`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        found = refused(lambda: setattr(Post(), "author", user))
        assert found[found.index("facts.check_post") - 1] == "util.append"
        session.add(Note(author=user))
        await session.commit()
    return "refused in check_post, below `append` of util.py; include_backrefs=False: saved"


async def joined(Session):
    """`joinedload` costs no extra statement, and the assignment sends none."""
    async with Session() as session:
        sent = statements_of(session)
        query = select(Post).options(joinedload(Post.author))
        post = (await session.scalars(query)).one()
        post.title = "Coins"
        assert len(sent) == 1
    return "1 SELECT, as without it"


async def foreign_key(Session):
    """A validator that reads a loaded column sends nothing; a new object has it after the flush, or if it was passed."""
    async with Session() as session:
        post = await session.get_one(Post, 1)
        sent = statements_of(session)
        post.tag = "Coins"
        assert sent == []
        user = await session.get_one(User, 1, options=[joinedload(User.organization)])
        note = Note(author=user)
        assert note.author_id is None
        session.add(note)
        await session.flush()
        assert note.author_id == Note(author_id=1).author_id == 1
    return "0 statements; of a new object: None until the flush"


async def before_flush(Session):
    """A `before_flush` listener can load: one SELECT for an author who isn't in the session yet.

    A new object has no author if it was given the foreign key alone.
    """
    seen = []

    class Checked(SyncSession):
        pass

    @event.listens_for(Checked, "before_flush")
    def check(session, *_):
        seen.extend(note.author.name for note in session.dirty)

    for load_first in (False, True):
        async with Session(sync_session_class=Checked) as session:
            note = await session.get_one(Note, 1)
            if load_first:
                await session.refresh(note, ["author"])
            sent = statements_of(session)
            note.text = f"{load_first}"
            await session.flush()
            kinds = [statement.split()[0] for statement in sent]
            assert kinds == (["UPDATE"] if load_first else ["SELECT", "UPDATE"])
            await session.commit()
    assert seen == ["alice", "alice"]

    @event.listens_for(Checked, "before_flush")
    def check_new(session, *_):
        for note in session.new:
            assert note.author is None
            seen.append(session.get_one(User, note.author_id).name)

    async with Session(sync_session_class=Checked) as session:
        session.add(Note(author_id=1))
        await session.flush()
    assert seen == ["alice"] * 3
    return "1 SELECT, or none if the author is loaded; new, with author_id: None, and get_one() loads alice"


async def new_object(Session):
    """A new object's `author` is None in the validator, unless it was passed before the column."""
    async with Session() as session:
        user = await session.get_one(User, 1, options=[joinedload(User.organization)])
        sent = statements_of(session)
        after = Note(author=user, topic="coins").topic
        before = Note(topic="coins", author=user).topic
        assert (after, before) == ("coins by alice", "coins by None")
        assert sent == []
    return "author passed first: alice; topic passed first: None; 0 statements"


async def expired(Session):
    """After a commit, a validator that reads a column is refused in `_load_expired`; without one, it can be set."""
    async with Session() as session:
        post = await session.get_one(Post, 1)
        user = await session.get_one(User, 1)
        await session.commit()
        assert "state._load_expired" in refused(lambda: setattr(post, "tag", "Coins"))
        assert "state._load_expired" in refused(lambda: setattr(user, "id", 7))
        user.name = "alicia"
        await session.commit()
        assert await session.scalar(select(User.name)) == "alicia"
    return (
        "tag, which has one, and the primary key: refused in _load_expired; name: saved"
    )


async def loading(Session):
    """A query that loads the row does not run the validator."""
    async with Session() as session:
        post = (await session.scalars(select(Post))).one()
        assert post.title == "Maps" and "author" not in post.__dict__
    return "loaded, without the author"


FACTS = (
    frames,
    listener,
    back_populates,
    joined,
    foreign_key,
    before_flush,
    new_object,
    expired,
    loading,
)


async def create_rows(engine, Session):
    """A post and a note by Alice, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        alice = User(name="alice", organization=Organization(name="Museum"))
        session.add_all([Post(author=alice, title="Maps"), Note(author=alice)])
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
