# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
"""What the page `eager-defaults` says beyond its example, each sentence asserted by a run."""

import asyncio
import os
import traceback
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import (
    Computed,
    FetchedValue,
    String,
    event,
    func,
    inspect,
    text,
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


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


def user_class(setting, table):
    class User(Base):
        __tablename__ = table
        __mapper_args__ = {"eager_defaults": setting}

        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        slug: Mapped[str] = mapped_column(Computed("lower(name)"))
        created_at: Mapped[datetime] = mapped_column(server_default=func.now())
        updated_at: Mapped[datetime] = mapped_column(
            server_default=func.now(), onupdate=func.now()
        )

    return User


Eager = user_class(True, "eager_users")
Auto = user_class("auto", "auto_users")
Off = user_class(False, "off_users")


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    updated_at: Mapped[datetime] = mapped_column(
        server_default=func.now(), onupdate=func.now()
    )


class Post(Base):
    __tablename__ = "posts"
    __mapper_args__ = {"eager_defaults": True}

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    version: Mapped[int] = mapped_column(
        server_default=text("1"), server_onupdate=FetchedValue()
    )


TRIGGERS = {
    "sqlite": [
        "CREATE TRIGGER next_version AFTER UPDATE OF title ON posts BEGIN"
        " UPDATE posts SET version = version + 1 WHERE id = new.id; END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION next_version() RETURNS trigger LANGUAGE plpgsql AS"
        " 'BEGIN UPDATE posts SET version = version + 1 WHERE id = new.id; RETURN new; END'",
        "CREATE TRIGGER next_version AFTER UPDATE OF title ON posts"
        " FOR EACH ROW EXECUTE FUNCTION next_version()",
    ],
    "mysql": [
        "CREATE TRIGGER next_version AFTER UPDATE ON posts FOR EACH ROW"
        " UPDATE posts SET version = version + 1 WHERE id = new.id"
    ],
}


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


def has_update_returning(session):
    return session.bind.dialect.name in ("sqlite", "postgresql")


async def settings(Session):
    """With RETURNING, `"auto"` fetches after an INSERT and not after an UPDATE, `True` after both, `False` after neither."""
    seen = []
    for user_type in (Eager, Auto, Off):
        async with Session() as session:
            [user] = await saved(session, user_type(name="Alice"))
            missing = [inspect(user).unloaded]
            await session.refresh(user)
            user.name = "Bob"
            await session.commit()
            missing.append(inspect(user).unloaded)
        fetched = ["slug" not in keys and "updated_at" not in keys for keys in missing]
        assert ["created_at" in keys for keys in missing] == [user_type is Off, False]
        setting = user_type.__mapper_args__["eager_defaults"]
        assert (
            fetched
            == {True: [True, True], "auto": [True, False], False: [False] * 2}[setting]
        )
        verbs = [
            verb for verb, was in zip(("INSERT", "UPDATE"), fetched, strict=True) if was
        ]
        seen.append(f"{setting}: {' and '.join(verbs) or 'neither'}")
    return ", ".join(seen)


async def one_object(Session):
    """For one object, `True` costs no statement more with UPDATE … RETURNING, and one SELECT without."""
    async with Session() as session:
        [user] = await saved(session, Eager(name="Alice"))
        user.name = "Bob"
        with statements(session) as sent:
            await session.commit()
        assert isinstance(user.updated_at, datetime)
        assert sent == (
            ["UPDATE"] if has_update_returning(session) else ["UPDATE", "SELECT"]
        )
    return " and ".join(sent)


async def many_objects(Session):
    """With `"auto"`, one `executemany()` carries all UPDATEs; with `True`, each object has its own, or without UPDATE … RETURNING a SELECT of its own."""
    counts = []
    for user_type in (Auto, Eager):
        async with Session() as session:
            users = await saved(session, *(user_type(name="Alice") for _ in range(100)))
            for user in users:
                user.name = "Bob"
            with statements(session) as sent:
                await session.commit()
            counts.append(len(sent))
            expected = 100 if has_update_returning(session) else 101
    assert counts == [1, expected]
    return f"100 objects: {counts[0]} statement with auto, {counts[1]} with True"


async def after_trigger(Session):
    """On SQLite and PostgreSQL, RETURNING doesn't see what an AFTER trigger writes; MariaDB refuses such a trigger's UPDATE."""
    async with Session() as session:
        name = session.bind.dialect.name
        for trigger in TRIGGERS[name]:
            await session.execute(text(trigger))
        [post] = await saved(session, Post(title="Hello"))
        post.title = "World"
        [outcome] = await asyncio.gather(session.commit(), return_exceptions=True)
        if name == "mysql":
            assert isinstance(outcome, DBAPIError) and "Can't update table" in str(
                outcome
            )
            return "MariaDB: Can't update table"
        by_returning = post.version
        await session.refresh(post)
        assert (by_returning, post.version) == (1, 2)
    return f"{by_returning} by RETURNING, {post.version} in the database"


async def not_declared(Session):
    """A column that the model doesn't declare as computed isn't fetched when a SQL expression is assigned to it."""
    async with Session() as session:
        [user] = await saved(session, Eager(name="Alice"))
        user.name = func.upper("Bob")
        await session.commit()
        assert isinstance(user.updated_at, datetime)
        refused(lambda: user.name)
    return "updated_at was read, name was refused"


async def after_commit(Session):
    """It doesn't prevent the expiry of a commit."""
    async with Session(expire_on_commit=True) as session:
        [user] = await saved(session, Eager(name="Alice"))
        user.name = "Bob"
        await session.flush()
        assert isinstance(user.updated_at, datetime)
        await session.commit()
        refused(lambda: user.updated_at)
    return "read after the flush, refused after the commit"


FACTS = (
    settings,
    one_object,
    many_objects,
    after_trigger,
    not_declared,
    after_commit,
)


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


asyncio.run(main())
