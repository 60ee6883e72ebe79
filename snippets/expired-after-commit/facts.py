# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `expired-after-commit` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback

import sqlalchemy
from sqlalchemy import ForeignKey, String, inspect, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.orm.exc import DetachedInstanceError
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    pass


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    users: Mapped[list["User"]] = relationship(back_populates="organization")


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship(back_populates="users")


def refused(read, inner_class=MissingGreenlet):
    """The error that `read()` raises, and the functions in its traceback."""
    try:
        read()
    except (MissingGreenlet, StatementError, DetachedInstanceError) as error:
        assert isinstance(getattr(error, "orig", None) or error, inner_class), error
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


async def every_attribute(Session):
    """Every column of every object fails, the primary key too."""
    async with Session() as session:
        users = (await session.scalars(select(User))).all()
        await session.commit()
        for user in users:
            for column in ("id", "name", "organization_id"):
                assert column in inspect(user).expired_attributes
                refused(lambda user=user, column=column: getattr(user, column))
    return f"id, name and organization_id of {len(users)} users were refused"


async def frames(Session):
    """`_load_expired` is in the traceback, and for a loaded collection `_emit_lazyload` as well."""
    async with Session() as session:
        organization = await session.scalar(
            select(Organization).options(selectinload(Organization.users))
        )
        await session.commit()
        _, of_column = refused(lambda: organization.name)
    async with Session() as session:
        organization = await session.scalar(
            select(Organization).options(selectinload(Organization.users))
        )
        await session.commit()
        _, of_collection = refused(lambda: organization.users)
    assert "_load_expired" in of_column and "_emit_lazyload" not in of_column
    assert {"_load_expired", "_emit_lazyload"} <= of_collection
    return "column: _load_expired; collection: _load_expired and _emit_lazyload"


async def end_of_begin(Session):
    """The end of `async with session.begin():` is a commit."""
    async with Session() as session:
        async with session.begin():
            user = await session.scalar(select(User))
        refused(lambda: user.name)
    return "refused after the block"


async def end_of_maker_begin(Session):
    """The end of `async with Session.begin() as session:` closes the session too: DetachedInstanceError."""
    async with Session.begin() as session:
        user = await session.scalar(select(User))
    assert inspect(user).detached
    refused(lambda: user.name, DetachedInstanceError)
    return "DetachedInstanceError"


async def commit_in_a_loop(Session):
    """A commit inside a loop: the first pass works, the second is refused."""
    async with Session() as session:
        passed = []
        for user in (await session.scalars(select(User).order_by(User.id))).all():
            if passed:
                refused(lambda user=user: user.name)
            else:
                passed.append(user.name)
            await session.commit()
    return f"pass 1 read {passed[0]}, pass 2 was refused"


async def out_of_date(Session):
    """With `expire_on_commit=False` an object keeps its values when another session changes its row."""
    async with Session(expire_on_commit=False) as session:
        user = await session.scalar(select(User).where(User.name == "alice"))
        await session.commit()
        async with Session() as other:
            (await other.get(User, user.id)).name = "carol"
            await other.commit()
        assert user.name == "alice"
        await session.refresh(user)
        assert user.name == "carol"
    return "alice until refresh(), then carol"


async def stale(Session):
    """With `expire_on_commit=False` a changed foreign key leaves the old object in the relationship."""
    async with Session(expire_on_commit=False) as session:
        query = (
            select(User)
            .where(User.name == "alice")
            .options(selectinload(User.organization))
        )
        user = await session.scalar(query)
        user.organization_id = 2
        await session.commit()
        assert user.organization.name == "Library"
        assert (await session.scalar(query)).organization.name == "Library"
        fresh = await session.scalar(query.execution_options(populate_existing=True))
        assert fresh.organization.name == "Museum"
    return "Library after the commit and after the same query; Museum with populate_existing"


async def statement(Session, pool):
    """If the error includes its SQL, the SELECT lists every column of the row."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        error, _ = refused(lambda: user.name)
        assert isinstance(error, StatementError) == includes_sql(session, pool)
    if not isinstance(error, StatementError):
        return "no SQL"
    for column in ("id", "name", "organization_id"):
        assert f"users.{column}" in error.statement
    return "the SQL lists id, name and organization_id"


FACTS = (
    every_attribute,
    frames,
    end_of_begin,
    end_of_maker_begin,
    commit_in_a_loop,
    out_of_date,
    stale,
)
# The class of an error, and whether it includes its SQL, depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Two users in two organizations, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library, museum = Organization(name="Library"), Organization(name="Museum")
        session.add_all([library, museum])
        await session.flush()
        alice = User(name="alice", organization=library)
        bob = User(name="bob", organization=museum)
        session.add_all([alice, bob])
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
