# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "factory-boy>=3.3,<4",
# ]
# ///
"""What the page `sync-session-api` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

import sqlalchemy
from factory.alchemy import SQLAlchemyModelFactory
from sqlalchemy import ForeignKey, String, event, func, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import (
    async_object_session,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    object_session,
    relationship,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))

    users: Mapped[list["User"]] = relationship(
        back_populates="organization", cascade="all, delete-orphan"
    )

    def count_users(self):
        return object_session(self).scalar(select(func.count(User.id)))


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(back_populates="users")


def refused(call):
    """The error that `call()` raises for want of a greenlet, and the files and functions in its traceback."""
    try:
        call()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        frames = traceback.extract_tb(error.__traceback__)
        files = {os.path.basename(frame.filename) for frame in frames}
        return error, files | {frame.name for frame in frames}
    raise AssertionError("the call was not refused")


def includes_sql(driver, pool):
    """Whether an error for want of a greenlet includes its SQL, if a connection is open."""
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return pool == "default pool" and driver in from_cursor


async def methods(Session):
    """`scalar()`, `execute()`, `flush()` and `commit()` are refused, without a frame of attributes.py."""
    seen = []
    for name in ("scalar", "execute", "flush", "commit"):
        async with Session() as session:
            organization = await session.scalar(select(Organization))
            organization.name = "Archive"
            arguments = [select(User)] if name in ("scalar", "execute") else []
            method = getattr(session.sync_session, name)
            _, found = refused(lambda call=method, with_=arguments: call(*with_))
        assert "attributes.py" not in found
        seen.append(name)
    return f"{', '.join(seen)} were refused, without attributes.py"


async def query(Session):
    """`sync_session.query(User).first()` is refused, with frames of `sqlalchemy/orm/query.py`."""
    async with Session() as session:
        _, found = refused(lambda: session.sync_session.query(User).first())
    assert "query.py" in found
    return "refused, with frames of orm/query.py"


async def delete(Session):
    """`sync_session.delete()` is refused if a delete cascade has to load a list; `await session.delete()` loads and deletes it."""
    async with Session() as session:
        organization = await session.scalar(select(Organization))
        _, found = refused(lambda: session.sync_session.delete(organization))
        assert {"cascade_iterator", "_emit_lazyload", "attributes.py"} <= found
    async with Session() as session:
        organization = await session.scalar(select(Organization))
        await session.delete(organization)
        await session.commit()
        assert await session.scalar(select(func.count(User.id))) == 0
    return "refused, with cascade_iterator; awaited: the users were deleted"


async def in_a_model(Session):
    """`object_session(self).scalar()` in a method of a model is refused, and passes inside `run_sync`."""
    async with Session() as session:
        organization = await session.scalar(select(Organization))
        refused(organization.count_users)
        count = await session.run_sync(lambda _: organization.count_users())
    assert count == 1
    return "refused; with run_sync 1 user"


async def object_session_async(Session):
    """`async_object_session()` returns the object's `AsyncSession`, whose methods can be awaited."""
    async with Session() as session:
        organization = await session.scalar(select(Organization))
        assert async_object_session(organization) is session
        query = select(func.count(User.id))
        assert await async_object_session(organization).scalar(query) == 1
    return "the AsyncSession; 1 user"


async def factory(Session):
    """A factory of factory_boy is refused if it flushes or commits, and passes with `run_sync`."""

    class OrganizationFactory(SQLAlchemyModelFactory):
        class Meta:
            model = Organization

        name = "Workshop"

    for persistence in ("flush", "commit"):
        async with Session() as session:
            OrganizationFactory._meta.sqlalchemy_session = session.sync_session
            OrganizationFactory._meta.sqlalchemy_session_persistence = persistence
            _, found = refused(OrganizationFactory)
            assert {"alchemy.py", persistence} <= found
            await session.rollback()
            await session.run_sync(lambda _: OrganizationFactory())
            await session.commit()
            query = select(func.count()).where(Organization.name == "Workshop")
            assert await session.scalar(query) == (1 if persistence == "flush" else 2)
    return "flush and commit: refused; with run_sync: saved"


async def add(Session):
    """`add()` sends no SQL, with either session."""
    async with Session() as session:
        with_sync = User(name="bob", organization_id=1)
        with_run_sync = User(name="carol", organization_id=1)
        statements = []
        engine = session.bind.sync_engine
        event.listen(
            engine, "before_cursor_execute", lambda *args: statements.append(args[2])
        )
        session.sync_session.add(with_sync)
        await session.run_sync(lambda sync: sync.add(with_run_sync))
        assert statements == []
        await session.commit()
        names = (await session.scalars(select(User.name).order_by(User.id))).all()
    assert names == ["alice", "bob", "carol"]
    return "0 statements before the commit, which saved both"


async def returned(Session):
    """What `run_sync` returned is outside of the greenlet again."""
    async with Session() as session:
        user = await session.run_sync(lambda sync: sync.scalar(select(User)))
        refused(lambda: user.organization)
    return "the relationship of the returned user was refused"


async def connection(Session, pool):
    """If a connection has to be opened or tested, the error is plain, with `raw_connection`; awaited queries work."""
    engine = Session.kw["bind"]
    await engine.dispose()
    async with Session() as session:
        error, found = refused(lambda: session.sync_session.scalar(select(User.name)))
        assert type(error) is MissingGreenlet and "raw_connection" in found
    async with Session() as session:
        assert await session.scalar(select(User.name)) == "alice"
    async with Session() as session:
        error, found = refused(lambda: session.sync_session.scalar(select(User.name)))
    is_open = pool == "default pool"
    assert ("raw_connection" in found) == (not is_open)
    assert isinstance(error, StatementError) == includes_sql(engine.driver, pool)
    again = "an open connection: no raw_connection" if is_open else "raw_connection"
    return f"raw_connection and MissingGreenlet, then {again}"


FACTS = (
    methods,
    query,
    delete,
    in_a_model,
    object_session_async,
    factory,
    add,
    returned,
)
# Whether a connection is open depends on the pool.
FACTS_WITH_EACH_POOL = (connection,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """One user in an organization, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
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
                seen.append(f"{pool}: {await fact(Session, pool)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
