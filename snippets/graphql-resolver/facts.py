# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "strawberry-graphql>=0.341,<1",
# ]
# ///
"""What the page `graphql-resolver` says beyond its example, each sentence asserted by a run."""

import asyncio
import logging
import os
import traceback
from contextlib import contextmanager

import strawberry
from sqlalchemy import ForeignKey, String, event, func, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet
from sqlalchemy.ext.asyncio import (
    AsyncAttrs,
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
from strawberry import Info, Parent
from strawberry.dataloader import DataLoader


class Base(AsyncAttrs, DeclarativeBase):
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


@strawberry.type
class OrganizationType:
    name: str


@strawberry.type
class PlainUserType:
    name: str
    organization: OrganizationType


@strawberry.type
class UserType:
    name: str

    @strawberry.field
    async def organization(root: Parent[User], info: Info) -> str:
        info.context["tasks"].add(asyncio.current_task())
        return root.organization.name

    @strawberry.field
    async def awaited(root: Parent[User], info: Info) -> str:
        info.context["tasks"].add(asyncio.current_task())
        return (await root.awaitable_attrs.organization).name

    @strawberry.field
    async def refreshed(root: Parent[User], info: Info) -> str:
        info.context["tasks"].add(asyncio.current_task())
        await info.context["session"].refresh(root, ["organization"])
        return root.organization.name

    @strawberry.field
    async def loaded(root: Parent[User], info: Info) -> str | None:
        return await info.context["names"].load(root.organization_id)


@strawberry.type
class Query:
    @strawberry.field
    async def users(
        self, info: Info, eager: bool = False, commit: bool = False
    ) -> list[UserType]:
        return await select_users(info, eager, commit)

    @strawberry.field
    async def plain(self, info: Info, commit: bool = False) -> list[PlainUserType]:
        return await select_users(info, commit=commit)

    @strawberry.field
    async def count(self, info: Info) -> int | None:
        info.context["tasks"].add(asyncio.current_task())
        count = select(func.count()).select_from(User)
        return await info.context["session"].scalar(count)


async def select_users(info, eager=False, commit=False):
    query = select(User).order_by(User.id)
    if eager:
        query = query.options(selectinload(User.organization))
    users = (await info.context["session"].scalars(query)).all()
    if commit:
        await info.context["session"].commit()
    return users


class Records(logging.Handler):
    """The records that Strawberry logs, instead of the lines that they make in a log."""

    def __init__(self):
        super().__init__()
        self.records = []

    def emit(self, record):
        self.records.append(record)


schema = strawberry.Schema(Query)
log = Records()
logging.getLogger("strawberry.execution").addHandler(log)


async def execute(Session, query, names=None):
    """The result of a request, and the tasks that the resolvers of the users ran in, all of which have ended."""
    tasks = set()
    async with Session() as session:
        context = {"session": session, "names": names, "tasks": tasks}
        result = await schema.execute(query, context_value=context)
        others = tasks - {asyncio.current_task()}
        await asyncio.gather(*others, return_exceptions=True)
    return result, tasks


def refused(result):
    """The first error of a result, which wants a greenlet, and the traceback that was logged with it."""
    original = result.errors[0].original_error
    assert isinstance(getattr(original, "orig", None) or original, MissingGreenlet)
    record = log.records[-1]
    assert record.name == "strawberry.execution" and record.exc_info[1] is original
    return result.errors[0], traceback.extract_tb(record.exc_info[2])


@contextmanager
def counted(Session):
    """The statements that are sent meanwhile."""
    sent = []

    def count(*execution):
        sent.append(execution[2])

    engine = Session.kw["bind"].sync_engine
    event.listen(engine, "before_cursor_execute", count)
    yield sent
    event.remove(engine, "before_cursor_execute", count)


async def logged(Session):
    """The error is in the log of `strawberry.execution` and in `result.errors`, whose path names the field."""
    result, _ = await execute(Session, "{ users { name organization } }")
    error, _ = refused(result)
    assert error.path == ["users", 0, "organization"]
    return f"{log.records[-1].name}; {error.path}"


async def position(Session):
    """The message above the logged traceback shows the line and the column of the field in the request."""
    seen = []
    for query in ("{ users { name organization } }", "{ users {\n  organization\n} }"):
        result, _ = await execute(Session, query)
        error, _ = refused(result)
        place = f"GraphQL request:{error.locations[0].line}:{error.locations[0].column}"
        assert place in log.records[-1].getMessage()
        seen.append(place)
    assert seen == ["GraphQL request:1:16", "GraphQL request:2:3"]
    return f"{seen[0]}; on the second line {seen[1]}"


async def other_fields(Session):
    """The same request without the field works."""
    result, _ = await execute(Session, "{ users { name } }")
    assert result.errors is None
    return str([user["name"] for user in result.data["users"]])


async def no_resolver(Session):
    """A field without a resolver: `_get_basic_result` is in the logged traceback, and no line of the program."""
    result, _ = await execute(Session, "{ plain { organization { name } } }")
    _, plain = refused(result)
    assert "_get_basic_result" in {frame.name for frame in plain}
    assert __file__ not in {frame.filename for frame in plain}
    result, _ = await execute(Session, "{ users { organization } }")
    _, own = refused(result)
    assert "_get_basic_result" not in {frame.name for frame in own}
    assert __file__ in {frame.filename for frame in own}
    return "_get_basic_result, and no frame of the program"


async def expired(Session):
    """After a commit, plain columns fail as well, with `_load_expired` in the traceback."""
    result, _ = await execute(Session, "{ plain(commit: true) { name } }")
    error, found = refused(result)
    assert error.path == ["plain", 0, "name"]
    assert "_load_expired" in {frame.name for frame in found}
    result, _ = await execute(Session, "{ users { organization } }")
    assert "_load_expired" not in {frame.name for frame in refused(result)[1]}
    return f"{error.path}, _load_expired"


async def cost(Session):
    """selectinload() costs one SELECT, asked for or not; a DataLoader costs one if the field is asked for."""
    seen = []
    for query in (
        "{ users { name } }",
        "{ users(eager: true) { name } }",
        "{ users(eager: true) { organization } }",
        "{ users { loaded } }",
    ):
        with counted(Session) as sent:
            result, _ = await execute(Session, query, loader(Session))
        assert result.errors is None
        seen.append(len(sent))
    assert seen == [1, 2, 2, 2]
    return "selectinload() 1 without the field, 1 with it; DataLoader 0 and 1"


def loader(Session, asked=None, lenient=True, **options):
    """A DataLoader as in the example, of the organizations but Museum, which notes what it is asked for."""

    async def load_names(ids):
        if asked is not None:
            asked.extend(ids)
        query = select(Organization).where(Organization.id.in_(ids))
        async with Session() as session:
            rows = await session.scalars(query.where(Organization.name != "Museum"))
            found = {row.id: row.name for row in rows}
        return [found.get(key) if lenient else found[key] for key in ids]

    return DataLoader(load_names, **options)


async def missing_key(Session):
    """One key without a row: None with `found.get(key)`, but an error of the whole batch with `found[key]`."""
    result, _ = await execute(Session, "{ users { loaded } }", loader(Session))
    names = [user["loaded"] for user in result.data["users"]]
    assert names == ["Library", "Library", None] and result.errors is None
    strict = loader(Session, lenient=False)
    result, _ = await execute(Session, "{ users { loaded } }", strict)
    assert {type(error.original_error) for error in result.errors} == {KeyError}
    assert result.data["users"] == 3 * [{"loaded": None}]
    return f"found.get(key): {names}; found[key]: {len(result.errors)} errors"


async def cache(Session):
    """A DataLoader asks for each key once, but with `cache=False` as often as it is asked."""
    once, each = [], []
    await execute(Session, "{ users { loaded } }", loader(Session, once))
    await execute(Session, "{ users { loaded } }", loader(Session, each, cache=False))
    assert (once, each) == ([1, 2], [1, 1, 2])
    return f"keys: {once}; with cache=False: {each}"


async def second_loop(_):
    """A DataLoader that outlives its event loop fails in the next one."""

    async def load(keys):
        return keys

    names = DataLoader(load)

    async def ask(key):
        return await names.load(key)

    in_loops = [asyncio.to_thread(asyncio.run, ask(key)) for key in (1, 2)]
    first = await in_loops[0]
    (second,) = await asyncio.gather(in_loops[1], return_exceptions=True)
    assert first == 1 and isinstance(second, RuntimeError)
    assert str(second) == "Event loop is closed"
    return f"loop 1: {first}; loop 2: {type(second).__name__}: {second}"


async def tasks(Session):
    """The `async def` resolvers of a list run in a task each, which share the session: with NullPool, after a commit,
    `awaitable_attrs` and `refresh()` in them raise InvalidRequestError."""
    result, tasks = await execute(Session, "{ users(eager: true) { organization } }")
    assert result.errors is None
    assert len(tasks) == 3 and asyncio.current_task() not in tasks
    text = "This session is provisioning a new connection"
    for field in ("awaited", "refreshed"):
        result, _ = await execute(Session, f"{{ users {{ {field} }} }}")
        assert result.errors is None
        result, _ = await execute(Session, f"{{ users(commit: true) {{ {field} }} }}")
        error = result.errors[0].original_error
        assert isinstance(error, InvalidRequestError) and str(error).startswith(text)
    return f"{len(tasks)} tasks for 3 users; after a commit: {text}"


async def fields(Session):
    """So do the resolvers of two fields of one request, and the same error comes with the session's first query."""
    alone, _ = await execute(Session, "{ count }")
    assert alone.data == {"count": 3}
    result, tasks = await execute(Session, "{ first: count second: count }")
    [error] = [error.original_error for error in result.errors]
    text = "This session is provisioning a new connection"
    assert isinstance(error, InvalidRequestError) and str(error).startswith(text)
    assert len(tasks) == 2
    return f"2 tasks for 2 fields: {text}"


FACTS = (
    logged,
    position,
    other_fields,
    no_resolver,
    expired,
    cost,
    missing_key,
    cache,
    second_loop,
)
# Whether a session opens a new connection after a commit depends on the pool.
FACTS_WITH_NULLPOOL = (tasks, fields)


async def create_rows(engine, Session):
    """Three users in two organizations, in empty tables."""
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with Session() as session:
        library = Organization(id=1, name="Library")
        museum = Organization(id=2, name="Museum")
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

    if url == "sqlite+aiosqlite://":
        url += "/file:facts?mode=memory&cache=shared&uri=true"
    engine = create_async_engine(url, poolclass=NullPool)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    # The in-memory database lasts as long as a connection to it.
    async with engine.connect():
        for fact in FACTS_WITH_NULLPOOL:
            await create_rows(engine, Session)
            print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")


asyncio.run(main())
