# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `identity-map` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager

import sqlalchemy
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
)
from sqlalchemy.pool import NullPool


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


class EagerUser(Base):
    __table__ = User.__table__
    organization: Mapped[Organization] = relationship(lazy="selectin")


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


async def some_rows(Session):
    """The same read works where the session has the organization, and is refused where it has not."""
    async with Session() as session:
        library = await session.get_one(Organization, 1)
        alice, bob, carol = (
            await session.scalars(select(User).order_by(User.id))
        ).all()
        with statements(session) as sent:
            for user in (alice, bob):
                assert user.organization is library
        assert not sent
        refused(lambda: carol.organization)
    async with Session() as session:
        users = (await session.scalars(select(User).order_by(User.id))).all()
        for user in users:
            refused(lambda user=user: user.organization)
    return "Library in the session: alice and bob read, carol refused; in a new session all refused"


async def weak_references(Session):
    """If nothing refers to the object that was loaded first, even Alice's read is refused."""
    seen = []
    for keep in (True, False):
        async with Session() as session:
            load = joinedload(User.organization)
            me = await session.get_one(User, 1, options=[load])
            if not keep:
                del me
            alice = await session.scalar(select(User).where(User.id == 1))
            if keep:
                assert alice is me and alice.organization.name == "Library"
                seen.append("me kept: Library")
            else:
                refused(lambda alice=alice: alice.organization)
                seen.append("me deleted: refused")
    return "; ".join(seen)


async def on_the_model(Session):
    """`lazy="selectin"` on the model costs one more SELECT for a query of users, whether it is needed or not."""
    counts = []
    for model in (User, EagerUser):
        async with Session() as session:
            with statements(session) as sent:
                users = (await session.scalars(select(model).order_by(model.id))).all()
            assert [user.name for user in users] == ["alice", "bob", "carol"]
            counts.append(len(sent))
    assert counts == [1, 2]
    return (
        f"statements for the names alone: {counts[0]}, with lazy='selectin' {counts[1]}"
    )


async def parameters(Session):
    """`_emit_lazyload` is in the traceback; the parameters name the row, if the error includes its SQL."""
    async with Session() as session:
        carol = await session.get_one(User, 3)
        error, functions = refused(lambda: carol.organization)
        assert "_emit_lazyload" in functions
        assert isinstance(error, StatementError) == includes_sql(session)
        assert carol.organization_id == 2
    if not isinstance(error, StatementError):
        return "no SQL"
    assert "[parameters: [{'pk_1': 2}]]" in str(error)
    return "[parameters: [{'pk_1': 2}]]"


FACTS = (some_rows, weak_references, on_the_model)
# Whether an error includes its SQL may depend on the pool.
FACTS_WITH_EACH_POOL = (parameters,)
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
        library = Organization(id=1, name="Library")
        museum = Organization(id=2, name="Museum")
        session.add_all([library, museum])
        await session.flush()
        session.add(User(id=1, name="alice", organization_id=1))
        session.add(User(id=2, name="bob", organization_id=1))
        session.add(User(id=3, name="carol", organization_id=2))
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
