# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pydantic>=2.14,<3",
# ]
# ///
"""What the page `pydantic-from-attributes` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.v1 import BaseModel as BaseModelV1
from sqlalchemy import ForeignKey, String, event, select
from sqlalchemy.exc import MissingGreenlet, StatementError
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


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    author: Mapped[User] = relationship()


class OrganizationOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str


class UserOut(OrganizationOut):
    organization: OrganizationOut


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str
    author: UserOut


class UserRow(OrganizationOut):
    id: int
    organization_id: int


class OrganizationOutV1(BaseModelV1):
    name: str

    class Config:
        orm_mode = True


class UserOutV1(OrganizationOutV1):
    organization: OrganizationOutV1


def refused(read):
    """The ValidationError of `read()`, all of whose fields could not be read for want of a greenlet."""
    try:
        read()
    except ValidationError as error:
        for one in error.errors():
            assert one["type"] == "get_attribute_error", one
            assert "MissingGreenlet" in one["msg"], one
        return error
    raise AssertionError("the read was not refused")


def refused_itself(read):
    """The functions in the traceback of the error of SQLAlchemy's that `read()` raises for want of a greenlet."""
    try:
        read()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    raise AssertionError("the read was not refused")


def includes_sql(session):
    """Whether an error in an open transaction includes its SQL, and is a StatementError therefore."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


@contextmanager
def counted(session):
    """The statements that are sent meanwhile."""
    sent = []

    def count(*execution):
        sent.append(execution[2])

    event.listen(session.bind.sync_engine, "before_cursor_execute", count)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", count)


async def field(Session):
    """The line above `Error extracting attribute` is the field, in nested models the path to it."""
    async with Session() as session:
        user = await session.scalar(select(User))
        lines = str(refused(lambda: UserOut.model_validate(user))).splitlines()
        assert lines[1] == "organization"
        assert lines[2].startswith("  Error extracting attribute: ")
        query = select(Post).options(selectinload(Post.author))
        post = await session.scalar(query)
        nested = str(refused(lambda: PostOut.model_validate(post))).splitlines()
        assert nested[1] == "author.organization"
        assert nested[2].startswith("  Error extracting attribute: ")
    return f"{lines[1]}; nested: {nested[1]}"


async def frames(Session):
    """The traceback ends in Pydantic, and has no frame of SQLAlchemy."""
    async with Session() as session:
        user = await session.scalar(select(User))
        error = refused(lambda: UserOut.model_validate(user))
    files = [Path(f.filename) for f in traceback.extract_tb(error.__traceback__)]
    assert files[-1].parts[-2:] == ("pydantic", "main.py")
    assert not any("sqlalchemy" in file.parts for file in files)
    assert error.__cause__ is None and error.__context__ is None
    return "the last frame is in pydantic/main.py, none is in sqlalchemy"


async def expired(Session):
    """After a commit, every field is listed."""
    async with Session() as session:
        user = await session.scalar(select(User))
        await session.commit()
        error = refused(lambda: UserRow.model_validate(user))
    fields = [one["loc"][0] for one in error.errors()]
    assert fields == list(UserRow.model_fields)
    return ", ".join(fields)


async def new_object(Session):
    """A relationship of a new object is refused after the flush; `refresh()` loads it. Without a commit, the row isn't saved."""
    async with Session() as session:
        session.add(User(id=4, name="dora", organization_id=1))
        await session.flush()
        dora = await session.get_one(User, 4)
        error = refused(lambda: UserOut.model_validate(dora))
        assert [one["loc"] for one in error.errors()] == [("organization",)]
    async with Session() as session:
        assert await session.get(User, 4) is None
        dora = User(id=4, name="dora", organization_id=1)
        session.add(dora)
        await session.flush()
        await session.refresh(dora, ["organization"])
        assert UserOut.model_validate(dora).organization.name == "Library"
    return (
        "organization was refused, and the user wasn't saved; after refresh(): Library"
    )


async def from_orm(Session):
    """Pydantic 1 doesn't catch the error: `_emit_lazyload` if the query didn't load it, `_load_expired` after a commit."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        unloaded = refused_itself(lambda: UserOutV1.from_orm(user))
        assert "_emit_lazyload" in unloaded and "_load_expired" not in unloaded
        await session.commit()
        expired = refused_itself(lambda: OrganizationOutV1.from_orm(user))
        assert "_load_expired" in expired
    async with Session(expire_on_commit=False) as session:
        user = await session.get_one(User, 1)
        await session.commit()
        assert OrganizationOutV1.from_orm(user).name == "alice"
    return "not loaded: _emit_lazyload; after a commit: _load_expired; with expire_on_commit=False: alice"


async def cost(Session):
    """`refresh()` costs two SELECTs; in `run_sync` a many-to-one costs one, unless its object is in the session."""
    async with Session() as session:
        alice, bob, _ = await session.scalars(select(User).order_by(User.id))
        with counted(session) as refreshed:
            await session.refresh(alice, ["organization"])
        assert [sql.split()[0] for sql in refreshed] == ["SELECT", "SELECT"]
        assert "FROM users" in refreshed[0] and "FROM organizations" in refreshed[1]
    async with Session() as session:
        alice, bob, carol = await session.scalars(select(User).order_by(User.id))
        seen = []
        for user in (alice, bob, carol):
            with counted(session) as sent:
                await session.run_sync(
                    lambda _, user=user: UserOut.model_validate(user)
                )
            seen.append(len(sent))
        assert alice.organization is bob.organization is not carol.organization
        assert seen == [1, 0, 1]
    return "refresh(): 2; run_sync: 1 for Library, 0 for Library again, 1 for Museum"


async def sql(Session):
    """If the message includes its SQL, the SELECT is of the table that was to be loaded, whatever the pool."""
    async with Session() as session:
        user = await session.scalar(select(User))
        message = str(refused(lambda: UserOut.model_validate(user)))
        assert ("[SQL: " in message) == includes_sql(session)
    if "[SQL: " not in message:
        assert "Error extracting attribute: MissingGreenlet: " in message
        return "MissingGreenlet"
    named = (
        "Error extracting attribute: StatementError: (sqlalchemy.exc.MissingGreenlet) "
    )
    assert named in message and "FROM organizations" in message
    return "StatementError, and the SQL selects from organizations"


FACTS = (field, frames, expired, new_object, from_orm, cost)
# The class of an error, and whether it includes its SQL, may depend on the pool.
FACTS_WITH_EACH_POOL = (sql,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine, Session):
    """Three users in two organizations, and a post, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library, museum = Organization(name="Library"), Organization(name="Museum")
        alice = User(id=1, name="alice", organization=library)
        session.add(User(id=2, name="bob", organization=library))
        session.add(User(id=3, name="carol", organization=museum))
        session.add(Post(title="Hello", author=alice))
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
