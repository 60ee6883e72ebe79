# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `collection-mutation` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

import sqlalchemy
from sqlalchemy import (
    Column,
    ForeignKey,
    String,
    Table,
    event,
    insert,
    inspect,
    select,
)
from sqlalchemy.exc import IntegrityError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    WriteOnlyMapped,
    mapped_column,
    relationship,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


memberships = Table(
    "memberships",
    Base.metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("organization_id", ForeignKey("organizations.id"), primary_key=True),
)


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    users: Mapped[list["User"]] = relationship(
        secondary=memberships, back_populates="organizations"
    )
    members: WriteOnlyMapped["User"] = relationship(
        secondary=memberships, overlaps="users,organizations"
    )


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    posts: Mapped[list["Post"]] = relationship(back_populates="author")
    organizations: Mapped[list[Organization]] = relationship(
        secondary=memberships, back_populates="users", overlaps="members"
    )


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship(back_populates="posts")


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
    """Whether an error for want of a greenlet includes its SQL, in a transaction that has its connection."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


def statements_of(session):
    """A list that grows with each statement that the session's engine sends."""
    sent = []

    @event.listens_for(session.bind.sync_engine, "before_cursor_execute")
    def append(_connection, _cursor, statement, *_):
        sent.append(" ".join(statement.split()))

    return sent


async def each_change(Session):
    """`append()`, `remove()`, `clear()`, `+=` and an assignment all raise."""

    def add_in_place():
        user.posts += [Post()]

    changes = {
        "append()": lambda: user.posts.append(Post()),
        "remove()": lambda: user.posts.remove(post),
        "clear()": lambda: user.posts.clear(),
        "+=": add_in_place,
        "assignment": lambda: setattr(user, "posts", []),
    }
    async with Session() as session:
        user = await session.get_one(User, 1)
        post = await session.get_one(Post, 1)
        for change in changes.values():
            refused(change)
    return f"{', '.join(changes)}: refused"


async def frames(Session):
    """`_emit_lazyload` is in the traceback, below `__get__` for a method and `__set__` for an assignment."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        _, of_method = refused(lambda: user.posts.append(Post()))
        _, of_assignment = refused(lambda: setattr(user, "posts", []))
    for found in (of_method, of_assignment):
        assert "_emit_lazyload" in found and "_load_expired" not in found
    assert "__get__" in of_method and "__set__" not in of_method
    assert "__set__" in of_assignment and "__get__" not in of_assignment
    return "append(): __get__, _emit_lazyload; assignment: __set__, _emit_lazyload"


async def new_user(Session):
    """A new user's list can be changed after the flush too, unless it was empty and untouched before it."""
    async with Session() as session:
        changed, assigned, untouched = User(name="b"), User(name="c"), User(name="d")
        changed.posts.append(Post())
        assigned.posts = []
        assert untouched.posts == []
        session.add_all([changed, assigned, untouched])
        await session.flush()
        refused(lambda: untouched.posts.append(Post()))
        changed.posts.append(Post())
        assigned.posts.append(Post())
        await session.commit()
        saved = await session.scalars(select(Post.author_id).where(Post.author_id > 1))
        assert sorted(saved) == [2, 2, 3]
    return "after an append() or a list before the flush: saved; otherwise refused"


async def other_side(Session):
    """Setting `author` sends no SELECT."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        sent = statements_of(session)
        session.add(Post(author=user))
        await session.flush()
        assert [statement.split()[0] for statement in sent] == ["INSERT"], sent
    return "1 INSERT, no SELECT"


async def list_still_unloaded(Session):
    """Setting `author` does not load the list, so reading it still raises."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        session.add(Post(author=user))
        await session.flush()
        assert "posts" in inspect(user).unloaded
        refused(lambda: user.posts)
    return "reading user.posts was refused"


async def take_away(Session):
    """Deleting a post, or setting its `author` to another user, does not load the list."""
    async with Session() as session:
        await session.get_one(User, 1)
        bob = User(name="bob")
        session.add(bob)
        await session.flush()
        first, second = (await session.scalars(select(Post).limit(2))).all()
        sent = statements_of(session)
        await session.delete(first)
        second.author = bob
        await session.flush()
        assert sorted(statement.split()[0] for statement in sent) == [
            "DELETE",
            "UPDATE",
        ]
    return "1 DELETE and 1 UPDATE, no SELECT"


async def refresh(Session):
    """`refresh(user, ["posts"])` sends two SELECTs, however many posts there are."""
    for posts in (1, 10, 100, 1000):
        async with Session() as session:
            user = User(name="bob", posts=[Post() for _ in range(posts)])
            session.add(user)
            await session.commit()
            sent = statements_of(session)
            await session.refresh(user, ["posts"])
            assert len(user.posts) == posts
            assert len(sent) == 2
            assert "FROM users" in sent[0] and "FROM posts" in sent[1]
    return "2 SELECTs for 1, 10, 100 and 1,000 posts"


async def many_to_many(Session):
    """In a many-to-many relationship, `append()` raises on both sides, until one of them is loaded."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        library = await session.get_one(Organization, 1)
        refused(lambda: user.organizations.append(library))
        refused(lambda: library.users.append(user))
        await session.refresh(user, ["organizations"])
        user.organizations.append(library)
        await session.commit()
        assert len((await session.execute(select(memberships))).all()) == 1
    return "both sides refused; after refresh() of one: saved"


async def association_row(Session):
    """An INSERT into the association table needs no SELECT, doesn't change a loaded list, and fails if the row exists."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.refresh(user, ["organizations"])
        sent = statements_of(session)
        row = insert(memberships).values(user_id=1, organization_id=1)
        await session.execute(row)
        assert [statement.split()[0] for statement in sent] == ["INSERT"]
        assert user.organizations == []
        [error] = await asyncio.gather(session.execute(row), return_exceptions=True)
        assert isinstance(error, IntegrityError), error
    return "1 INSERT, the list still empty; the same again: IntegrityError"


async def write_only(Session):
    """`add()` and `remove()` of a write-only relationship send no SELECT, in a many-to-many relationship too."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        library = await session.get_one(Organization, 1)
        sent = statements_of(session)
        library.members.add(user)
        await session.flush()
        library.members.remove(user)
        await session.flush()
        assert [statement.split()[0] for statement in sent] == ["INSERT", "DELETE"]
    return "1 INSERT and 1 DELETE, no SELECT"


async def statement(Session):
    """If the error includes its SQL, it is the SELECT of the list."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        error, _ = refused(lambda: user.posts.append(Post()))
        assert isinstance(error, StatementError) == includes_sql(session)
    if not isinstance(error, StatementError):
        return "no SQL"
    assert "FROM posts" in error.statement
    assert error.statement.endswith(" = posts.author_id"), error.statement
    return "the SQL ends with `= posts.author_id`"


FACTS = (
    each_change,
    frames,
    new_user,
    other_side,
    list_still_unloaded,
    take_away,
    refresh,
    many_to_many,
    association_row,
    write_only,
)
# The class of an error, and whether it includes its SQL, could depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Alice with two posts, and an organization that she is no member of, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add_all([User(name="alice", posts=[Post(), Post()])])
        session.add(Organization())
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
