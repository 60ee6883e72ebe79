# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `bulk-update` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import tempfile
import traceback
from contextlib import contextmanager
from datetime import datetime

import sqlalchemy
from sqlalchemy import (
    String,
    Update,
    case,
    event,
    func,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.exc import (
    DBAPIError,
    MissingGreenlet,
    StatementError,
)
from sqlalchemy.ext.asyncio import (
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
)
from sqlalchemy.pool import NullPool


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(default="Alice@example.com")
    logins: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )


class EagerUser(Base):
    __tablename__ = "eager_users"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )


# MariaDB refuses it, which is one of the facts below.
with_returning = Update.returning


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
    """Whether an error for want of a greenlet includes its SQL, in a transaction that has its connection already."""
    driver = session.bind.dialect.driver
    from_cursor = ["asyncmy", "aiomysql"]
    if sqlalchemy.__version__ >= "2.1":
        from_cursor += ["aiosqlite", "psycopg"]
    return driver in from_cursor


@contextmanager
def statements(session):
    """The first words of the statements that are sent inside the block."""
    sent = []

    def note(_connection, _cursor, statement, *_):
        sent.append(statement.split()[0])

    event.listen(session.bind.sync_engine, "before_cursor_execute", note)
    yield sent
    event.remove(session.bind.sync_engine, "before_cursor_execute", note)


async def saved(session, *objects):
    session.add_all(objects)
    await session.commit()
    return objects


async def only_computed(Session):
    """Columns that were set to a plain value can be read; those that the database computed are refused."""
    async with Session() as session:
        [user] = await saved(session, User())
        change = update(User).values(email=func.lower(User.email), logins=7)
        await session.execute(change)
        assert inspect(user).expired_attributes == {"email", "updated_at"}
        assert (user.id, user.logins) == (1, 7)
        refused(lambda: user.email)
    return "id and logins were read, email was refused"


async def evaluated(Session):
    """`User.logins + 1` is computed in Python too; a function, `case()`, a subquery and `onupdate` aren't."""
    values = {
        "logins + 1": User.logins + 1,
        "function": func.abs(-3),
        "case()": case((User.logins > 0, 1), else_=0),
        "subquery": select(literal(5)).scalar_subquery(),
    }
    seen = {}
    async with Session() as session:
        [user] = await saved(session, User())
        for label, value in values.items():
            await session.refresh(user)
            await session.execute(update(User).values(logins=value))
            seen[label] = "logins" not in inspect(user).expired_attributes
            assert "updated_at" in inspect(user).expired_attributes
    assert [label for label, in_python in seen.items() if in_python] == ["logins + 1"]
    return "logins + 1: read; function, case(), subquery and onupdate: expired"


async def frames(Session):
    """`_load_expired` is in the traceback, `_emit_lazyload` isn't."""
    async with Session() as session:
        [user] = await saved(session, User())
        await session.execute(update(User).values(email=func.lower(User.email)))
        _, names = refused(lambda: user.email)
    assert "_load_expired" in names and "_emit_lazyload" not in names
    return "_load_expired"


async def synchronize_session(Session):
    """`synchronize_session="fetch"` leads to the same error; with `False`, the object keeps its old value."""
    change = update(User).values(email=func.lower(User.email))
    async with Session() as session:
        [user] = await saved(session, User())
        for way in ("auto", "fetch"):
            await session.refresh(user)
            await session.execute(change.execution_options(synchronize_session=way))
            refused(lambda: user.email)
    async with Session() as session:
        [user] = await saved(session, User())
        await session.execute(change.execution_options(synchronize_session=False))
        assert user.email == "Alice@example.com"
        await session.refresh(user)
        assert user.email == "alice@example.com"
    return "auto and fetch: refused; False: Alice@example.com until refresh()"


async def eager_defaults(Session):
    """`eager_defaults=True` doesn't change what `update()` expires."""
    async with Session() as session:
        [user] = await saved(session, EagerUser(name="alice"))
        await session.execute(update(EagerUser).values(name="bob"))
        assert user.name == "bob"
        refused(lambda: user.updated_at)
    return "updated_at was refused"


async def every_row(Session):
    """`returning(User)` costs no further statement, but builds each row that the UPDATE changed; MariaDB refuses it."""
    async with Session() as session:
        [user, *_] = await saved(session, *(User() for _ in range(100)))
        user_id = user.id
    async with Session() as session:
        user = await session.get_one(User, user_id)
        change = update(User).values(email=func.lower(User.email))
        with statements(session) as sent:
            [outcome] = await asyncio.gather(
                session.execute(with_returning(change, User)), return_exceptions=True
            )
        if session.bind.dialect.name == "mysql":
            assert isinstance(outcome, DBAPIError)
            return "MariaDB refuses UPDATE … RETURNING"
        assert sent == ["UPDATE"] and user.email == "alice@example.com"
        built = len(session.identity_map)
    async with Session() as session:
        user = await session.get_one(User, user_id)
        await session.execute(change)
        await session.refresh(user, ["email"])
        without = len(session.identity_map)
    assert (built, without) == (100, 1)
    return f"{built} objects in the session; {without} with refresh()"


async def select_again(Session):
    """One SELECT reads the expired columns of all objects that it returns."""
    async with Session() as session:
        users = await saved(session, *(User() for _ in range(3)))
        await session.execute(update(User).values(email=func.lower(User.email)))
        with statements(session) as sent:
            await session.scalars(select(User))
        assert {user.email for user in users} == {"alice@example.com"}
    assert sent == ["SELECT"]
    return "3 objects, one SELECT"


async def overwritten(Session):
    """A value computed in Python overwrites what another session wrote since it was read."""
    async with Session() as session:
        [user] = await saved(session, User())
        async with Session() as other:
            (await other.get_one(User, user.id)).email = "Bob@example.com"
            await other.commit()
        await session.execute(update(User).values(email=user.email.lower()))
        await session.refresh(user)
        assert user.email == "alice@example.com"
    return "Bob@example.com was overwritten with alice@example.com"


async def statement(Session):
    """If the error includes its SQL, the SELECT is for the expired columns alone."""
    async with Session() as session:
        [user] = await saved(session, User())
        await session.execute(update(User).values(email=func.lower(User.email)))
        error, _ = refused(lambda: user.email)
        assert isinstance(error, StatementError) == includes_sql(session)
    if not isinstance(error, StatementError):
        return "no SQL"
    columns = error.statement.split("FROM")[0]
    assert "users.email" in columns and "users.updated_at" in columns
    assert "users.id" not in columns and "users.logins" not in columns
    return "SELECT users.email, users.updated_at"


FACTS = (
    only_computed,
    evaluated,
    frames,
    synchronize_session,
    eager_defaults,
    every_row,
    select_again,
    overwritten,
)
# The class of an error, and whether it includes its SQL, may depend on the pool.
FACTS_WITH_EACH_POOL = (statement,)
POOLS = {
    "default pool": {},
    "NullPool": {"poolclass": NullPool},
    "pool_pre_ping": {"pool_pre_ping": True},
}


async def create_tables(engine):
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)


async def main():
    url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
    engine = create_async_engine(url)
    Session = async_sessionmaker(engine, expire_on_commit=False)
    for fact in FACTS:
        await create_tables(engine)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(Session)}")
    await engine.dispose()

    with tempfile.TemporaryDirectory() as folder:
        if url == "sqlite+aiosqlite://":
            url += f"/{folder}/facts.db"
        for fact in FACTS_WITH_EACH_POOL:
            seen = []
            for pool, options in POOLS.items():
                engine = create_async_engine(url, **options)
                Session = async_sessionmaker(engine, expire_on_commit=False)
                await create_tables(engine)
                seen.append(f"{pool}: {await fact(Session)}")
                await engine.dispose()
            print(f"{fact.__name__.replace('_', '-')}: {'; '.join(seen)}")


asyncio.run(main())
