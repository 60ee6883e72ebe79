# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pydantic>=2.14,<3",
# ]
# ///
"""What the page `self-referential-depth` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import re
import tempfile
import traceback
from contextlib import contextmanager

import sqlalchemy
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.v1 import BaseModel as BaseModelV1
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
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


class Organization(Base):
    __tablename__ = "organizations"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("organizations.id"))
    children: Mapped[list["Organization"]] = relationship()
    users: Mapped[list["User"]] = relationship()


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))


class Depth2(Base):
    __table__ = Organization.__table__
    children: Mapped[list["Depth2"]] = relationship(lazy="selectin", join_depth=2)


class Depth3(Base):
    __table__ = Organization.__table__
    children: Mapped[list["Depth3"]] = relationship(lazy="selectin", join_depth=3)


class Node(BaseModel):
    """A recursive schema."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    children: list["Node"]


class NodeV1(BaseModelV1):
    """The same in Pydantic 1."""

    name: str
    children: list["NodeV1"]

    class Config:
        orm_mode = True


def names(node):
    """The names of a tree, read by a function that calls itself."""
    return [node.name] + [name for child in node.children for name in names(child)]


def refused(read, kind=(MissingGreenlet, StatementError)):
    """The error that `read()` raises, and the functions in its traceback."""
    try:
        read()
    except kind as error:
        inner = getattr(error, "orig", None) or error
        assert isinstance(inner, (MissingGreenlet, RecursionError)), error
        return error, [
            frame.name for frame in traceback.extract_tb(error.__traceback__)
        ]
    raise AssertionError("the read was not refused")


async def raised(awaitable, kind):
    """The error of this kind that the `await` raises."""
    try:
        await awaitable
    except kind as error:
        return error
    raise AssertionError(f"no {kind.__name__} was raised")


def includes_sql(session):
    """Whether the error includes its SQL: the pool does not matter, as the session still has its connection."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


class Stopped(Exception):
    """Ends a query that would go on sending statements."""


@contextmanager
def statements(session, limit=500):
    """The statements that are sent inside of the block, which ends at the limit."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement)
        if len(sent) == limit:
            raise Stopped

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


def tree(recursion_depth):
    """A query of the tree that loads this many levels below the first."""
    load = selectinload(Organization.children, recursion_depth=recursion_depth)
    return select(Organization).where(Organization.parent_id.is_(None)).options(load)


def tree_of(model):
    """The same query without an option, of a model that has a `join_depth`."""
    return select(model).where(model.parent_id.is_(None))


async def last_level(Session):
    """The last level counts too: `recursion_depth=1` and `join_depth=2` fail at Library."""
    for query in (tree(1), tree_of(Depth2)):
        async with Session() as session:
            europe = (await session.scalars(query)).one()
            library = europe.children[0].children[0]
            assert library.name == "Library"
            refused(lambda library=library: library.children)
    for query in (tree(2), tree_of(Depth3)):
        async with Session() as session:
            europe = (await session.scalars(query)).one()
            assert names(europe) == ["Europe", "Paris", "Library"]
    return "recursion_depth=1 and join_depth=2: refused at Library; 2 and 3: all read"


async def levels(Session):
    """`recursion_depth=10` is enough for 11 levels, and a twelfth is refused."""
    async with Session() as session:
        for level in range(4, 12):
            session.add(Organization(id=level, name="room", parent_id=level - 1))
        await session.commit()
    async with Session() as session:
        assert len(names((await session.scalars(tree(10))).one())) == 11
        session.add(Organization(id=12, name="room", parent_id=11))
        await session.commit()
    async with Session() as session:
        europe = (await session.scalars(tree(10))).one()
        refused(lambda: names(europe))
    return "11 levels read, with a twelfth refused"


async def one_per_level(Session):
    """One SELECT per level, and a last one that finds no children, on the model as in the query."""
    counts = []
    for query in (tree(10), tree_of(Depth3)):
        async with Session() as session:
            with statements(session) as sent:
                assert len(names((await session.scalars(query)).one())) == 3
        counts.append(len(sent))
    assert counts == [4, 4]
    return (
        f"three levels: recursion_depth {counts[0]}, join_depth {counts[1]} statements"
    )


async def all_rows(Session):
    """All rows and one level: 2 statements, and one more per 500 rows."""
    query = select(Organization).options(selectinload(Organization.children))
    counts = []
    for first, last in ((4, 500), (501, 501)):
        async with Session() as session:
            for number in range(first, last + 1):
                session.add(Organization(id=number, name="room", parent_id=3))
            await session.commit()
        async with Session() as session:
            with statements(session) as sent:
                rows = (await session.scalars(query)).all()
            europe = next(row for row in rows if row.id == 1)
            assert len(names(europe)) == last
            counts.append(len(sent))
    assert counts == [2, 3]
    return f"500 rows: {counts[0]} statements, 501 rows: {counts[1]}"


async def filtered(Session):
    """With one level, a query of all rows loads the whole tree; with a `where()`, what its rows have below their children is refused."""
    query = select(Organization).options(selectinload(Organization.children))
    async with Session() as session:
        rows = (await session.scalars(query)).all()
        assert names(rows[0]) == ["Europe", "Paris", "Library"]
    async with Session() as session:
        europe = (await session.scalars(query.where(Organization.id == 1))).one()
        paris = europe.children[0]
        refused(lambda: paris.children)
    return "without where(): all read; with where(): refused at Paris"


async def self_referential(Session):
    """`recursion_depth` is refused for a relationship that leads to another class."""
    load = selectinload(Organization.users, recursion_depth=10)
    async with Session() as session:
        query = select(Organization).options(load)
        error = await raised(session.scalars(query), InvalidRequestError)
    assert "not valid for non-self-referential relationship" in str(error)
    return f"InvalidRequestError: {error}"


async def cycle(Session):
    """With a row that is its own parent, `recursion_depth=-1` never ends; a depth and all rows do, but `show()` does not."""
    async with Session() as session:
        session.add(Organization(id=4, name="Atlantis", parent_id=4))
        await session.commit()
    atlantis = select(Organization).where(Organization.id == 4)
    async with Session() as session:
        load = selectinload(Organization.children, recursion_depth=-1)
        with statements(session) as endless:
            await raised(session.scalars(atlantis.options(load)), Stopped)
    counts = []
    for depth in (10, None):
        async with Session() as session:
            load = selectinload(Organization.children, recursion_depth=depth)
            with statements(session) as sent:
                node = await session.scalar(atlantis.options(load))
            assert node.children == [node]
            refused(lambda node=node: names(node), RecursionError)
            counts.append(len(sent))
    assert (len(endless), counts) == (500, [12, 2])
    return "a row below itself: -1 stopped at 500 statements; 10: 12, one level: 2, then RecursionError"


async def frames(Session):
    """`_emit_lazyload` is below a function that calls itself; the SQL reads the table by its foreign key."""
    async with Session() as session:
        europe = (await session.scalars(tree(1))).one()
        error, functions = refused(lambda: names(europe))
        assert functions.count("names") == 3 and "_emit_lazyload" in functions
        assert isinstance(error, StatementError) == includes_sql(session)
    if not isinstance(error, StatementError):
        return "no SQL"
    where = error.statement.splitlines()[-1]
    assert re.fullmatch(r"WHERE \S+ = organizations\.parent_id", where)
    return where


async def recursive_schema(Session):
    """A recursive Pydantic schema reads all levels, and names the one that was not loaded in its error."""
    query = select(Organization).where(Organization.parent_id.is_(None))
    async with Session() as session:
        option = selectinload(Organization.children, recursion_depth=1)
        europe = await session.scalar(query.options(option))
        try:
            Node.model_validate(europe)
        except ValidationError as error:
            [detail] = error.errors()
            path = ".".join(str(part) for part in detail["loc"])
            assert detail["type"] == "get_attribute_error", detail
            assert "MissingGreenlet" in detail["ctx"]["error"], detail
        else:
            raise AssertionError("the schema was filled")
    async with Session() as session:
        option = selectinload(Organization.children, recursion_depth=10)
        europe = await session.scalar(query.options(option))
        [paris] = Node.model_validate(europe).children
        assert [child.name for child in paris.children] == ["Library"]
    assert path == "children.0.children.0.children"
    return f"{path}: MissingGreenlet; recursion_depth=10: Library"


async def from_orm(Session):
    """`from_orm()` of Pydantic 1 is refused itself where the loading stopped; a depth that reaches far enough fixes it."""
    NodeV1.update_forward_refs()
    query = select(Organization).where(Organization.parent_id.is_(None))
    async with Session() as session:
        option = selectinload(Organization.children, recursion_depth=1)
        europe = await session.scalar(query.options(option))
        _, found = refused(lambda: NodeV1.from_orm(europe))
        assert {"from_orm", "validate_model"} <= set(found)
    async with Session() as session:
        option = selectinload(Organization.children, recursion_depth=10)
        europe = await session.scalar(query.options(option))
        [paris] = NodeV1.from_orm(europe).children
        assert [child.name for child in paris.children] == ["Library"]
    return "from_orm(), validate_model(): MissingGreenlet; recursion_depth=10: Library"


FACTS = (
    recursive_schema,
    from_orm,
    last_level,
    levels,
    one_per_level,
    all_rows,
    filtered,
    self_referential,
    cycle,
)
# Whether an error includes its SQL may depend on the pool.
FACTS_WITH_EACH_POOL = (frames,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Europe, Paris in it, and Library in that, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(id=3, name="Library")
        paris = Organization(id=2, name="Paris", children=[library])
        session.add(Organization(id=1, name="Europe", children=[paris]))
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
