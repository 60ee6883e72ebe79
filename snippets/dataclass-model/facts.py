# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `dataclass-model` says beyond its example, each sentence asserted by a run."""

import asyncio
import copy
import os
import sys
import traceback
from dataclasses import asdict, astuple, replace
from pathlib import Path

from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    MappedAsDataclass,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)


class Base(MappedAsDataclass, DeclarativeBase):
    type_annotation_map = {str: String(100)}

    id: Mapped[int] = mapped_column(primary_key=True, init=False)


class User(Base):
    __tablename__ = "users"

    name: Mapped[str]
    posts: Mapped[list["Post"]] = relationship(
        back_populates="author", default_factory=list, repr=False, compare=False
    )


class Post(Base):
    __tablename__ = "posts"

    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
    author: Mapped[User] = relationship(back_populates="posts", repr=False)


class ComparedByColumns(Base):
    __tablename__ = "compared_by_columns"

    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
    author: Mapped[User] = relationship(repr=False, compare=False)


class IdentityBase(MappedAsDataclass, DeclarativeBase, eq=False):
    metadata = Base.metadata


class ComparedByIdentity(IdentityBase):
    __tablename__ = "compared_by_identity"

    id: Mapped[int] = mapped_column(primary_key=True, init=False)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"), init=False)
    author: Mapped[User] = relationship(repr=False)


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


async def each_operation(Session):
    """`asdict()`, `astuple()`, `replace()`, `==`, `in`, `remove()` and `index()` are refused, with `repr=False` too."""
    async with Session() as session, Session() as other:
        post, same = await session.get_one(Post, 1), await other.get_one(Post, 1)
        assert "Maps" in repr(post)
        operations = {
            "asdict()": lambda: asdict(post),
            "astuple()": lambda: astuple(post),
            "replace()": lambda: replace(post, title="Coins"),
            "==": lambda: post == same,
            "in": lambda: post in [same],
            "remove()": lambda: [same].remove(post),
            "index()": lambda: [same].index(post),
        }
        for operation in operations.values():
            refused(operation)
    return f"repr() passes; {', '.join(operations)}: refused"


async def frames(Session):
    """The frame below the own line is `asdict` of `dataclasses.py`, or `__eq__` of `<string>`."""
    async with Session() as session, Session() as other:
        post, same = await session.get_one(Post, 1), await other.get_one(Post, 1)
        of_asdict = refused(lambda: asdict(post))
        of_eq = refused(lambda: post == same)
    own = [found.index("facts.<lambda>") for found in (of_asdict, of_eq)]
    assert of_asdict[own[0] + 1 : own[0] + 3] == [
        "dataclasses.asdict",
        "dataclasses._asdict_inner",
    ]
    assert of_eq[own[1] + 1 : own[1] + 3] == ["<string>.__eq__", "attributes.__get__"]
    return "asdict() of dataclasses.py; __eq__ of <string>"


async def two_rows(Session):
    """Up to Python 3.12, `==` reads all fields, also of two rows; from 3.13, it stops at the first that differs."""
    async with Session() as session:
        first, second = (await session.scalars(select(Post))).all()
        if sys.version_info < (3, 13):
            refused(lambda: first == second)
            refused(lambda: first.__eq__(first))
        else:
            assert first != second
            assert first.__eq__(first) is True
    return (
        "Python 3.11 and 3.12: refused; from 3.13: False, and True for the same object"
    )


async def compare_false(Session):
    """With `compare=False` on the relationship, `==` compares the columns and sends nothing; `asdict()` is refused still."""
    async with Session() as session, Session() as other:
        one = await session.get_one(ComparedByColumns, 1)
        same = await other.get_one(ComparedByColumns, 1)
        sent = statements_of(session)
        assert one == same
        assert sent == []
        refused(lambda: asdict(one))
    return "True, 0 statements; asdict(): refused"


async def eq_false(Session):
    """With `eq=False` on the base class, `==` compares identity: True for one row in one session, False in two, and nothing is sent."""
    async with Session() as session, Session() as other:
        one = await session.get_one(ComparedByIdentity, 1)
        same = await session.get_one(ComparedByIdentity, 1)
        elsewhere = await other.get_one(ComparedByIdentity, 1)
        sent = statements_of(session)
        assert one == same and one in [same] and one != elsewhere
        assert sent == []
    return "one session: True; two sessions: False; 0 statements"


async def joined(Session):
    """`joinedload` costs no extra statement for `==`; `asdict()` goes on to `author.posts` and is refused there."""
    async with Session() as session, Session() as other:
        sent = statements_of(session)
        query = select(Post).options(joinedload(Post.author)).where(Post.id == 1)
        post = (await session.scalars(query)).one()
        same = (await other.scalars(query)).one()
        assert post == same
        assert len(sent) == 2
        found = refused(lambda: asdict(post))
        assert found.count("dataclasses._asdict_inner") >= 2
    return "==: True, 1 SELECT for each query; asdict(): refused for author.posts"


async def endless(Session):
    """If both sides are loaded, `asdict()` follows them in a circle, and raises RecursionError."""
    async with Session() as session:
        both = joinedload(Post.author).options(selectinload(User.posts))
        post = (await session.scalars(select(Post).options(both))).first()

        async def convert():
            return asdict(post)

        [error] = await asyncio.gather(convert(), return_exceptions=True)
        assert isinstance(error, RecursionError), error
    return "RecursionError"


async def expired(Session):
    """After a commit, `asdict()` and `==` are refused in `_load_expired`, for a column."""
    async with Session() as session, Session() as other:
        one = await session.get_one(ComparedByColumns, 1)
        same = await other.get_one(ComparedByColumns, 1)
        await session.commit()
        for operation in (lambda: asdict(one), lambda: one == same):
            assert "state._load_expired" in refused(operation)
    return "both refused in _load_expired"


async def copies(Session):
    """`copy.copy()`, `copy.deepcopy()` and `vars()` send nothing."""
    async with Session() as session:
        post = await session.get_one(Post, 1)
        sent = statements_of(session)
        assert copy.copy(post).title == copy.deepcopy(post).title == "Maps"
        assert "author" not in vars(post)
        assert sent == []
    return "0 statements, no author in vars()"


FACTS = (
    each_operation,
    frames,
    two_rows,
    compare_false,
    eq_false,
    joined,
    endless,
    expired,
    copies,
)


async def create_rows(engine, Session):
    """Two posts by Alice, and one row in each other table, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        alice = User(name="alice")
        session.add_all([alice, ComparedByColumns(alice), ComparedByIdentity(alice)])
        await session.flush()
        for title in ("Maps", "Coins"):
            session.add(Post(title=title, author=alice))
            await session.flush()
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
