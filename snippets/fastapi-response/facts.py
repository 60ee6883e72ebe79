# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "pydantic>=2.14,<3",
# ]
# ///
"""What the page `fastapi-response` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import sqlalchemy
from fastapi import Depends, FastAPI
from fastapi.exceptions import ResponseValidationError
from httpx import ASGITransport, AsyncClient
from pydantic import BaseModel, ConfigDict, ValidationError
from sqlalchemy import ForeignKey, String, event, func, select
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    relationship,
    selectinload,
)
from sqlalchemy.pool import NullPool

app = FastAPI()
Session = async_sessionmaker()


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Post(Base):
    __tablename__ = "posts"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime | None] = mapped_column(onupdate=func.now())
    posts: Mapped[list[Post]] = relationship()


class PostOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str


class UserOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    name: str
    posts: list[PostOut]


class UserPostsFirst(BaseModel):
    posts: list[PostOut]
    name: str


class UserRow(BaseModel):
    id: int
    name: str
    updated_at: datetime | None


async def get_session():
    async with Session() as session:
        yield session


SessionDep = Annotated[AsyncSession, Depends(get_session)]


@app.post("/users", response_model=UserOut)
async def create_user(session: SessionDep, load: bool = False, given: bool = False):
    user = User(name="alice", posts=[]) if given else User(name="alice")
    session.add(user)
    await session.commit()
    if load:
        await session.refresh(user, ["posts"])
    return user


@app.get("/users/1", response_model=UserOut)
async def read_user(session: SessionDep, load: bool = False):
    query = select(User).where(User.id == 1)
    return await session.scalar(
        query.options(selectinload(User.posts)) if load else query
    )


@app.patch("/users/1", response_model=UserRow)
async def update_user(session: SessionDep):
    user = await session.get_one(User, 1)
    user.name = "bob"
    await session.commit()
    return user


async def get_committed_session():
    async with Session() as session:
        yield session
        await session.commit()


@app.put("/users/1", response_model=UserPostsFirst)
async def rename_user(session: Annotated[AsyncSession, Depends(get_committed_session)]):
    user = await session.get_one(User, 1)
    user.name = "bob"
    return user


async def refused(response):
    """The error of a response, or of `model_validate()`, whose fields could not be read for want of a greenlet."""
    try:
        await response
    except (ResponseValidationError, ValidationError) as error:
        for one in error.errors():
            assert one["type"] == "get_attribute_error", one
            assert "greenlet_spawn has not been called" in one["msg"], one
        return error
    raise AssertionError("the response was not refused")


def fields(error):
    return [one["loc"][1] for one in error.errors()]


def includes_sql(pool):
    """Whether an error for want of a greenlet includes its SQL, and is a StatementError therefore."""
    driver = Session.kw["bind"].dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return pool == "default pool" and driver in from_cursor


@contextmanager
def counted():
    """The statements that are sent meanwhile."""
    sent = []
    engine = Session.kw["bind"].sync_engine

    def count(*execution):
        sent.append(execution[2])

    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


async def validated(user):
    return UserOut.model_validate(user)


async def names_the_endpoint(client):
    """No line of the endpoint is in the traceback, but the message names its function and its path."""
    error = await refused(client.post("/users"))
    names = {frame.name for frame in traceback.extract_tb(error.__traceback__)}
    assert "create_user" not in names and "serialize_response" in names
    assert str(error).splitlines()[-2].endswith("in create_user")
    assert str(error).splitlines()[-1].strip() == "POST /users"
    return "no frame of create_user; the message ends in create_user, POST /users"


async def row_is_saved(client):
    """The endpoint has committed, so the row is there."""
    await refused(client.post("/users"))
    async with Session() as session:
        names = (await session.scalars(select(User.name).order_by(User.id))).all()
    assert names == ["carol", "alice"]
    return "carol, and alice from the refused response"


async def cost(client):
    """`refresh()` costs two SELECTs, of the row and of its posts; setting posts at creation costs none."""
    with counted() as refreshed:
        assert (await client.post("/users?load=1")).json()["posts"] == []
    with counted() as given:
        assert (await client.post("/users?given=1")).json()["posts"] == []
    insert, row, posts = refreshed
    assert "FROM users" in row and "FROM posts" in posts
    assert [sql.split()[0] for sql in given] == [insert.split()[0]] == ["INSERT"]
    return "refresh(): INSERT, SELECT of the row, SELECT of its posts; set at creation: INSERT"


async def location(client):
    """`loc` begins with `response`; in a ValidationError of an own `model_validate()` it begins with the field."""
    (error,) = (await refused(client.post("/users"))).errors()
    assert error["loc"] == ("response", "posts")
    async with Session() as session:
        user = await session.get_one(User, 1)
        (own,) = (await refused(validated(user))).errors()
    assert own["loc"] == ("posts",)
    return f"{error['loc']}; own model_validate(): {own['loc']}"


async def of_new_or_queried(client):
    """A relationship of a queried object needs an option of the query, that of a new object needs a value."""
    assert fields(await refused(client.get("/users/1"))) == ["posts"]
    assert (await client.get("/users/1?load=1")).json()["posts"] == []
    assert fields(await refused(client.post("/users"))) == ["posts"]
    assert (await client.post("/users?given=1")).json()["posts"] == []
    return "posts of both; loaded by selectinload(), and set by User(posts=[])"


async def column(client):
    """One column is one with `onupdate`; every column is what a default session's commit expired."""
    one = fields(await refused(client.patch("/users/1")))
    assert one == ["updated_at"]
    Session.configure(expire_on_commit=True)
    every = fields(await refused(client.patch("/users/1")))
    assert every == list(UserRow.model_fields)
    return f"{', '.join(one)}; with the default session {', '.join(every)}"


async def default_session(client):
    """With a default session, `refresh(user, ["posts"])` leaves `name` expired."""
    Session.configure(expire_on_commit=True)
    assert fields(await refused(client.post("/users?load=1"))) == ["name"]
    Session.configure(expire_on_commit=False)
    assert (await client.post("/users?load=1")).json()["name"] == "alice"
    return "name was refused; with expire_on_commit=False it is alice"


async def unsaved_changes(client):
    """A dependency that commits after its `yield`: the response reads the object first, and the change is lost."""
    posts, name = (await refused(client.put("/users/1"))).errors()
    assert posts["loc"] == ("response", "posts")
    assert "MissingGreenlet: " in posts["msg"]
    assert name["loc"] == ("response", "name")
    assert "PendingRollbackError: " in name["msg"]
    async with Session() as session:
        name = await session.scalar(select(User.name).where(User.id == 1))
    assert name == "carol"
    return (
        f"posts: MissingGreenlet, name: PendingRollbackError; in the database: {name}"
    )


async def message(client, pool):
    """The message names MissingGreenlet; if it includes its SQL, it names StatementError before that."""
    (error,) = (await refused(client.post("/users"))).errors()
    begins = "Error extracting attribute: "
    if not includes_sql(pool):
        assert error["msg"].startswith(begins + "MissingGreenlet: "), error
        return "MissingGreenlet"
    begins += "StatementError: (sqlalchemy.exc.MissingGreenlet) "
    assert error["msg"].startswith(begins) and "[SQL: SELECT posts" in error["msg"]
    return "StatementError and the SQL"


FACTS = (
    location,
    names_the_endpoint,
    row_is_saved,
    cost,
    of_new_or_queried,
    column,
    default_session,
    unsaved_changes,
)
# The class of an error, and whether it includes its SQL, depend on the pool.
FACTS_WITH_EACH_POOL = (message,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_rows(engine):
    """One user, in empty tables, and the session of the example."""
    Session.configure(bind=engine, expire_on_commit=False)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        session.add(User(name="carol"))
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    transport = ASGITransport(app)
    async with AsyncClient(transport=transport, base_url="http://localhost") as client:
        engine = create_async_engine(url)
        for fact in FACTS:
            await create_rows(engine)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(client)}")
        await engine.dispose()

        with tempfile.TemporaryDirectory() as folder:
            if url == "sqlite+aiosqlite://":
                url += f"/{folder}/facts.db"
            for fact in FACTS_WITH_EACH_POOL:
                seen = []
                for pool, options in POOLS.items():
                    engine = create_async_engine(url, **options)
                    await create_rows(engine)
                    seen.append(f"{pool}: {await fact(client, pool)}")
                    await engine.dispose()
                print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
