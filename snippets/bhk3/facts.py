# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `bhk3` says about DetachedInstanceError, each sentence asserted by a run with each pool."""

import asyncio
import os
import tempfile

from sqlalchemy import ForeignKey, String, select
from sqlalchemy.exc import MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.orm.exc import DetachedInstanceError
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
    bio: Mapped[str] = mapped_column(default="", deferred=True)
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


def refused(read, inner_class=DetachedInstanceError):
    """The message of the error that `read()` raises, which has to be of this class or to wrap one."""
    try:
        read()
    except (DetachedInstanceError, MissingGreenlet, StatementError) as error:
        inner = getattr(error, "orig", None) or error
        assert type(inner) is inner_class, error
        return str(error)
    raise AssertionError("the read was not refused")


async def lazy_load(Session):
    """A relationship that had not been loaded: `lazy load operation of attribute`."""
    async with Session() as session:
        user = await session.scalar(select(User))
    said = refused(lambda: user.organization)
    assert "is not bound to a Session" in said
    assert "lazy load operation of attribute 'organization' cannot proceed" in said
    assert "sqlalche.me/e/" in said and said.endswith("/bhk3)")
    return "lazy load operation of attribute 'organization'"


async def deferred_load(Session):
    """A deferred column that had not been loaded: `deferred load operation of attribute`."""
    async with Session() as session:
        user = await session.scalar(select(User))
    said = refused(lambda: user.bio)
    assert "deferred load operation of attribute 'bio' cannot proceed" in said
    assert said.endswith("/bhk3)")
    return "deferred load operation of attribute 'bio'"


async def attribute_refresh(Session):
    """An attribute that a commit or a rollback had expired: `attribute refresh operation`."""
    async with Session() as session:
        committed = await session.get_one(User, 1)
        await session.commit()
    async with Session() as session:
        rolled_back = await session.get_one(User, 1)
        await session.rollback()
    for user in (committed, rolled_back):
        said = refused(lambda user=user: user.name)
        assert "attribute refresh operation cannot proceed" in said
        assert said.endswith("/bhk3)")
    return "attribute refresh operation after a commit and after a rollback"


async def expunged(Session):
    """An object that was expunged raises it while the session is open."""
    async with Session() as session:
        user = await session.scalar(select(User))
        session.expunge(user)
        said = refused(lambda: user.organization)
        assert "lazy load operation of attribute 'organization'" in said
        assert await session.get(User, 1) is not user
    return "refused, and the session answered the next query"


async def open_session(Session):
    """The same reads raise MissingGreenlet while the object is in an open session."""
    async with Session() as session:
        user = await session.scalar(select(User))
        refused(lambda: user.organization, MissingGreenlet)
        refused(lambda: user.bio, MissingGreenlet)
        await session.commit()
        refused(lambda: user.name, MissingGreenlet)
    return "MissingGreenlet for organization, for bio, and for name after a commit"


async def loaded(Session):
    """What was loaded before the session was closed stays readable."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.refresh(user, ["organization", "bio"])
    return f"{user.name} of {user.organization.name}"


async def create_rows(engine, Session):
    """Alice of the Library, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="alice", organization=Organization(name="Library")))
        await session.commit()


FACTS = (lazy_load, deferred_load, attribute_refresh, expunged, open_session, loaded)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def seen_with_each_pool(fact, url):
    """What a fact saw, which has to be the same with each pool."""
    seen = set()
    for options in POOLS.values():
        engine = create_async_engine(url, **options)
        Session = async_sessionmaker(engine)
        await create_rows(engine, Session)
        seen.add(await fact(Session))
        await engine.dispose()
    assert len(seen) == 1, seen
    return f"{seen.pop()} ({', '.join(POOLS)})"


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            seen = await seen_with_each_pool(fact, url)
            print(f"{fact.__name__.replace('_', '-')}: {seen}")


asyncio.run(main())
