# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `join-not-eager` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
import warnings
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import ForeignKey, String, event, func, select
from sqlalchemy.exc import MissingGreenlet, SAWarning, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    contains_eager,
    joinedload,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    users: Mapped[list["User"]] = relationship(back_populates="organization")


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(back_populates="users")
    posts: Mapped[list["Post"]] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


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


async def without_join(Session):
    """`contains_eager()` without the `.join()` pairs each user with each organization."""
    query = select(User).options(contains_eager(User.organization))
    async with Session() as session:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", SAWarning)
            rows = (await session.scalars(query)).all()
        joined = (await session.scalars(query.join(User.organization))).all()
    assert (len(rows), len(joined)) == (6, 3)
    assert "cartesian product" in str(caught[0].message)
    return "3 users and 2 organizations: 6 rows and a warning, with the join 3 rows"


async def joins(Session):
    """`contains_eager()` and `joinedload()` need one statement; `joinedload()` joins the table a second time."""
    counts = []
    for load in (contains_eager, joinedload):
        async with Session() as session:
            query = select(User).join(User.organization).order_by(User.id)
            with statements(session) as sent:
                users = await session.scalars(query.options(load(User.organization)))
            names = [user.organization.name for user in users]
            assert names == ["Library", "Library", "Museum"]
            assert len(sent) == 1
            counts.append(sent[0].count("JOIN organizations"))
    assert counts == [1, 2]
    return f"one statement each; JOINs: contains_eager() {counts[0]}, joinedload() {counts[1]}"


async def filtered_collection(Session):
    """In a collection that the query filters by, `contains_eager()` leaves the other rows out; `selectinload()` does not."""
    query = select(Organization).join(Organization.users).where(User.name == "alice")
    found = []
    for load in (contains_eager, selectinload):
        async with Session() as session:
            result = await session.scalars(query.options(load(Organization.users)))
            library = result.unique().one()
            found.append(sorted(user.name for user in library.users))
    assert found == [["alice"], ["alice", "bob"]]
    return f"contains_eager(): {found[0]}, selectinload(): {found[1]}"


async def both_entities(Session):
    """`select(User, Organization)` works while something refers to the organizations, and is refused after that."""
    query = select(User, Organization).join(User.organization).order_by(User.id)
    async with Session() as session:
        rows = (await session.execute(query)).all()
        users = [user for user, _ in rows]
        with statements(session) as sent:
            assert users[0].organization.name == "Library"
        assert not sent
    async with Session() as session:
        users = [user for user, _ in (await session.execute(query)).all()]
        refused(lambda: users[0].organization)
    return "rows kept: Library, without a statement; users alone kept: refused"


async def second_select(Session):
    """The filter works; the SQL, if the error includes it, is a second SELECT without a JOIN."""
    query = select(User).join(User.organization).where(Organization.name == "Museum")
    async with Session() as session:
        carol = (await session.scalars(query)).one()
        assert carol.name == "carol"
        error, functions = refused(lambda: carol.organization)
        assert "_emit_lazyload" in functions
        assert isinstance(error, StatementError) == includes_sql(session)
    if not isinstance(error, StatementError):
        return "no SQL"
    assert "FROM organizations" in error.statement and "JOIN" not in error.statement
    return "FROM organizations without a JOIN"


async def one_level(Session):
    """With `outerjoin()` and an aggregate, `contains_eager()` loads the relationship that it names, and no other."""
    query = (
        select(User, func.count(Post.id))
        .join(User.organization)
        .outerjoin(User.posts)
        .options(contains_eager(User.organization))
        .group_by(User.id, Organization.id)
    )
    async with Session() as session:
        user, count = (await session.execute(query)).first()
        assert count == 0 and user.organization.name
        refused(lambda: user.posts)
        refused(lambda: user.organization.users)
    async with Session() as session:
        option = selectinload(User.posts)
        user, count = (await session.execute(query.options(option))).first()
        assert count == 0 and user.posts == []
    return "organization loaded; posts and organization.users refused; posts loaded with selectinload()"


FACTS = (without_join, joins, filtered_collection, both_entities, one_level)
# Whether an error includes its SQL may depend on the pool.
FACTS_WITH_EACH_POOL = (second_select,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Alice and Bob of one organization, and Carol of another, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library, museum = Organization(name="Library"), Organization(name="Museum")
        session.add(User(id=1, name="alice", organization=library))
        session.add(User(id=2, name="bob", organization=library))
        session.add(User(id=3, name="carol", organization=museum))
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
