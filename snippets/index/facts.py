# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "jinja2>=3.1,<4",
#   "pydantic>=2.14,<3",
#   "strawberry-graphql>=0.341,<1",
# ]
# ///
"""What the tables of the home page say, each row asserted by a run."""

import asyncio
import gc
import os
import tempfile
import traceback
import warnings
from datetime import datetime
from typing import Annotated

import fastapi
import httpx
import jinja2
import pydantic
import strawberry
from fastapi.exceptions import ResponseValidationError
from sqlalchemy import ForeignKey, String, create_engine, event, func, select
from sqlalchemy.exc import IntegrityError, InvalidRequestError, MissingGreenlet
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    joinedload,
    mapped_column,
    relationship,
    sessionmaker,
)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class Organization(Base):
    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    users: Mapped[list["User"]] = relationship(lazy="raise")


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )
    organization_id: Mapped[int] = mapped_column(ForeignKey("organizations.id"))
    organization: Mapped[Organization] = relationship()
    posts: Mapped[list["Post"]] = relationship()

    @property
    def titles(self):
        return [post.title for post in self.posts]


class Post(Base):
    __tablename__ = "posts"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class PostOut(pydantic.BaseModel, from_attributes=True):
    title: str


class UserOut(pydantic.BaseModel, from_attributes=True):
    name: str
    posts: list[PostOut]


@strawberry.type
class UserType:
    name: str

    @strawberry.field
    async def organization(root: strawberry.Parent[User]) -> str:  # noqa: N805
        return root.organization.name


@strawberry.type
class Query:
    @strawberry.field
    async def user(self, info: strawberry.Info) -> UserType:
        return await info.context.scalar(select(User))


def checked(error, inner_class):
    """The error, if it is of this class or wraps one; else it is raised again."""
    if type(getattr(error, "orig", None) or error) is not inner_class:
        raise error
    return error


def refused(call, inner_class=MissingGreenlet):
    """The error that `call()` raises."""
    try:
        call()
    except Exception as error:
        return checked(error, inner_class)
    raise AssertionError("the call was not refused")


async def refused_await(call, inner_class):
    """The error that `await call` raises."""
    try:
        await call
    except Exception as error:
        return checked(error, inner_class)
    raise AssertionError("the call was not refused")


def last_own_frame(error):
    """The last function in an error's traceback that is in this file or in a template."""
    frames = traceback.extract_tb(error.__traceback__)
    return [
        frame.name if frame.filename == __file__ else frame.filename
        for frame in frames
        if frame.filename in (__file__, "<template>")
    ][-1]


async def relationship_read(Session):
    """A relationship that the query did not load cannot be read."""
    async with Session() as session:
        user = await session.scalar(select(User))
        refused(lambda: user.organization)
    return "user.organization was refused"


async def created(Session):
    """A new object: its row is saved, and reading a relationship that was never set fails."""
    async with Session(expire_on_commit=False) as session:
        user = User(name="dave", organization_id=1)
        session.add(user)
        await session.commit()
        refused(lambda: user.posts)
    async with Session() as session:
        assert await session.scalar(select(User.name).where(User.id == user.id))
    return "user.posts was refused, and the row of dave is there"


async def changed(Session):
    """A changed object: its row is saved, and reading a column with `onupdate` fails."""
    async with Session(expire_on_commit=False) as session:
        user = await session.get_one(User, 1)
        user.name = "dave"
        await session.commit()
        refused(lambda: user.updated_at)
    async with Session() as session:
        assert await session.scalar(select(User.name).where(User.id == 1)) == "dave"
    return "user.updated_at was refused, and the row says dave"


async def committed(Session):
    """After a commit every attribute fails, even `id`."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        await session.commit()
        for name in (column.key for column in User.__mapper__.column_attrs):
            refused(lambda name=name: getattr(user, name))
    return "id, name, updated_at and organization_id were refused"


async def except_block(Session):
    """Reading the object in the `except` block replaces the first error, which remains as its context."""
    async with Session() as session:
        alice, bob = await session.get_one(User, 1), await session.get_one(User, 2)
        bob.name = alice.name

        async def save():
            try:
                await session.commit()
            except IntegrityError:
                await session.rollback()
                print(f"cannot save {bob.name}")

        error = await refused_await(save(), MissingGreenlet)
    while error and not isinstance(error, IntegrityError):
        error = error.__context__
    assert error
    return "MissingGreenlet, and the IntegrityError only above it"


async def expired(Session):
    """After `expire()` and `expire_all()` reading fails."""
    async with Session() as session:
        user = await session.get_one(User, 1)
        session.expire(user)
        refused(lambda: user.name)
        await session.refresh(user)
        session.expire_all()
        refused(lambda: user.name)
    return "user.name was refused after both"


async def first_connection(Session):
    """A sync engine with an async driver fails at its first connection, unless the driver is psycopg."""
    engine = create_engine(Session.kw["bind"].url)
    if engine.dialect.driver == "psycopg":
        engine.connect().close()
        engine.dispose()
        return "psycopg connected"
    statements = []
    event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a))
    refused(engine.connect)
    assert statements == []
    return "connect() was refused before any statement"


async def fastapi_response(Session):
    """FastAPI: `ResponseValidationError`, with the words of the row."""
    app = fastapi.FastAPI()

    async def get_session():
        async with Session(expire_on_commit=False) as session:
            yield session

    @app.post("/users", response_model=UserOut)
    async def create(session: Annotated[AsyncSession, fastapi.Depends(get_session)]):
        session.add(user := User(name="dave", organization_id=1))
        await session.commit()
        return user

    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://localhost"
    ) as client:
        error = await refused_await(client.post("/users"), ResponseValidationError)
    before, found, after = str(error).partition("Error extracting attribute: ")
    assert found
    assert "MissingGreenlet" in after
    return "Error extracting attribute, with MissingGreenlet after it"


async def pydantic_field(Session):
    """Pydantic: `ValidationError`, with the words of the row."""
    async with Session() as session:
        user = await session.scalar(select(User))
        error = refused(lambda: UserOut.model_validate(user), pydantic.ValidationError)
    before, found, after = str(error).partition("Error extracting attribute: ")
    assert found
    assert "MissingGreenlet" in after
    return "Error extracting attribute, with MissingGreenlet after it"


async def template(Session):
    """A template that reads a relationship: the last frame of your own is in the template."""
    page = jinja2.Template("{{ user.organization.name }}")
    async with Session() as session:
        user = await session.scalar(select(User))
        frame = last_own_frame(refused(lambda: page.render(user=user)))
    assert frame == "<template>"
    return frame


async def resolver(Session):
    """A resolver that reads a relationship: the last frame of your own is in the resolver."""
    async with Session() as session:
        result = await strawberry.Schema(Query).execute(
            "{ user { name organization } }", context_value=session
        )
    [error] = result.errors
    frame = last_own_frame(checked(error.original_error, MissingGreenlet))
    assert frame == "organization"
    return f"organization() of {UserType.__name__}"


async def model(Session):
    """A property that reads a relationship: the last line of your own is in the model."""
    async with Session() as session:
        user = await session.scalar(select(User))
        frame = last_own_frame(refused(lambda: user.titles))
    assert frame == "titles"
    return "titles of User"


async def missing_await(Session):
    """A missing `await`."""
    async with Session() as session:
        coroutine = session.scalars(select(User))
        error = refused(lambda: coroutine.all(), AttributeError)
        coroutine.close()
    assert "'coroutine' object has no attribute" in str(error)
    return str(error)


async def extra_await(Session):
    """An `await` too many."""

    async def add():
        async with Session() as session:
            await session.add(User(name="dave"))

    error = await refused_await(add(), TypeError)
    assert str(error) == "object NoneType can't be used in 'await' expression"
    return str(error)


async def commit_not_awaited(Session):
    """A `commit()` that was not awaited."""
    async with Session() as session:
        with warnings.catch_warnings(record=True) as seen:
            warnings.simplefilter("always")
            session.commit()
        [warning] = seen
    assert warning.category is RuntimeWarning
    assert str(warning.message) == "coroutine 'AsyncSession.commit' was never awaited"
    return str(warning.message)


async def no_async_function(Session):
    """`await` in a function that is not `async`."""
    del Session
    source = "def read(session):\n    await session.commit()\n"
    error = refused(lambda: compile(source, "read.py", "exec"), SyntaxError)
    assert error.msg == "'await' outside async function"
    return error.msg


async def lazy_raise(Session):
    """A model with `lazy="raise"`."""
    async with Session() as session:
        library = await session.scalar(select(Organization))
        error = refused(lambda: library.users, InvalidRequestError)
    assert "is not available due to lazy='raise'" in str(error)
    return "is not available due to lazy='raise'"


async def joined_collection(Session):
    """A joined collection without `unique()`."""
    async with Session() as session:
        users = await session.scalars(select(User).options(joinedload(User.posts)))
        error = refused(users.all, InvalidRequestError)
    assert str(error).startswith("The unique() method must be invoked")
    return "The unique() method must be invoked"


async def query_method(Session):
    """`session.query()`."""
    async with Session() as session:
        error = refused(lambda: session.query(User), AttributeError)
    assert str(error) == "'AsyncSession' object has no attribute 'query'"
    return str(error)


async def sync_sessionmaker(Session):
    """`sessionmaker()` makes sync sessions."""

    async def enter():
        async with sessionmaker(Session.kw["bind"])():
            pass

    error = await refused_await(enter(), TypeError)
    said = "'Session' object does not support the asynchronous context manager protocol"
    assert said in str(error)
    return said


async def sync_with(Session):
    """`with` in place of `async with`."""

    def enter():
        with Session():
            pass

    said = "'AsyncSession' object does not support the context manager protocol"
    assert said in str(refused(enter, TypeError))
    return said


async def create_all(Session):
    """`create_all()` with an async engine."""
    engine = Session.kw["bind"]
    error = refused(lambda: Base.metadata.create_all(engine), AttributeError)
    assert str(error) == "'AsyncEngine' object has no attribute '_run_ddl_visitor'"
    return str(error)


async def async_listener(Session):
    """A listener on an async object."""
    engine = Session.kw["bind"]
    listen = lambda: event.listen(engine, "before_execute", print)  # noqa: E731
    error = refused(listen, NotImplementedError)
    assert str(error).startswith("asynchronous events are not implemented")
    return "asynchronous events are not implemented"


async def unclosed_session(Session):
    """A session that was not closed."""
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        session = Session()
        await session.scalar(select(User.name))
        del session
        gc.collect()
    said = "The garbage collector is trying to clean up non-checked-in connection"
    assert any(str(warning.message).startswith(said) for warning in seen)
    return said


FACTS = (
    relationship_read,
    created,
    changed,
    committed,
    except_block,
    expired,
    first_connection,
    fastapi_response,
    pydantic_field,
    template,
    resolver,
    model,
    missing_await,
    extra_await,
    commit_not_awaited,
    no_async_function,
    lazy_raise,
    joined_collection,
    query_method,
    sync_sessionmaker,
    sync_with,
    create_all,
    async_listener,
    unclosed_session,
)


async def create_rows(engine, Session):
    """Alice and Bob of the Library, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(name="Library")
        for name in ("alice", "bob"):
            session.add(User(name=name, organization=library))
            await session.flush()
        await session.commit()


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS:
            engine = create_async_engine(url)
            Session = async_sessionmaker(engine)
            await create_rows(engine, Session)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
            await engine.dispose()


asyncio.run(main())
