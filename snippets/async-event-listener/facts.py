# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "sqlalchemy-continuum>=2,<3",
# ]
# ///
"""What the page `async-event-listener` says beyond its example, each sentence asserted by a run."""

import asyncio
import inspect
import os
import warnings

from sqlalchemy import String, event, select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet, StatementError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    Session,
    configure_mappers,
    mapped_column,
    sessionmaker,
)
from sqlalchemy.util import await_only
from sqlalchemy_continuum import make_versioned, remove_versioning, version_class


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))


async def coroutine_listener(*_):
    """What should have been a plain def."""


def refused(call, expected, message):
    """The class and the beginning of the message of the error that `call()` raises; no other error."""
    try:
        call()
    except (
        AttributeError,
        InvalidRequestError,
        MissingGreenlet,
        NotImplementedError,
        TypeError,
    ) as error:
        assert type(error) is expected and str(error).startswith(message), error
        return f"{expected.__name__}: {message}"
    raise AssertionError("the call was not refused")


def refused_greenlet(call):
    """Assert that `call()` raises for want of a greenlet."""
    try:
        call()
    except (MissingGreenlet, StatementError) as error:
        assert isinstance(getattr(error, "orig", None) or error, MissingGreenlet), error
        return
    raise AssertionError("the call was not refused")


async def refused_async(call, expected, message):
    """The same for a call to await."""
    try:
        await call()
    except (AttributeError, TypeError) as error:
        assert type(error) is expected and str(error).startswith(message), error
        return f"{expected.__name__}: {message}"
    raise AssertionError("the call was not refused")


async def when_attached(engine):
    """Both errors are raised when the listener is attached; which one depends on the target."""
    no_events = "asynchronous events are not implemented"
    no_event = "No such event 'after_begin'"

    def attached(target, name):
        return lambda: event.listen(target, name, coroutine_listener)

    async with engine.connect() as connection, AsyncSession(engine) as session:
        for call in (
            attached(engine, "connect"),
            attached(connection, "begin"),
            attached(session, "after_begin"),
        ):
            first = refused(call, NotImplementedError, no_events)
    for target in AsyncSession, async_sessionmaker(engine):
        second = refused(attached(target, "after_begin"), InvalidRequestError, no_event)
    return f"engine, connection, session: {first}; AsyncSession, maker: {second}"


async def never_awaited(engine):
    """An `async def` listener leaves a RuntimeWarning that names it; with `retval=True` it is a TypeError."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        event.listen(engine.sync_engine, "before_cursor_execute", coroutine_listener)
        async with engine.connect() as connection:
            await connection.execute(select(1))
    seen = {f"{one.category.__name__}: {one.message}" for one in caught}
    assert seen == {
        "RuntimeWarning: coroutine 'coroutine_listener' was never awaited"
    }, seen
    event.remove(engine.sync_engine, "before_cursor_execute", coroutine_listener)
    event.listen(
        engine.sync_engine, "before_cursor_execute", coroutine_listener, retval=True
    )
    async with engine.connect() as connection:
        error = await refused_async(
            lambda: connection.execute(select(1)),
            TypeError,
            "cannot unpack non-iterable coroutine object",
        )
    event.remove(engine.sync_engine, "before_cursor_execute", coroutine_listener)
    return f"{seen.pop()}; with retval=True {error}"


async def do_orm_execute(engine):
    """The coroutine of a `do_orm_execute` listener becomes the result of `session.execute()`."""
    async with AsyncSession(engine) as session:
        event.listen(session.sync_session, "do_orm_execute", coroutine_listener)
        result = await session.execute(select(User))
        assert inspect.iscoroutine(result)
        error = refused(
            lambda: result.scalars(),
            AttributeError,
            "'coroutine' object has no attribute 'scalars'",
        )
        result.close()
    return f"the awaited call returned a coroutine; {error}"


async def synchronous_targets(engine):
    """Listeners on mapped classes and on `engine.pool` work as they are."""
    heard = []
    event.listen(User, "before_insert", lambda *found: heard.append(found[-1].name))
    event.listen(engine.pool, "checkin", lambda *_: heard.append("checkin"))
    async with AsyncSession(engine) as session:
        session.add(User(name="alice"))
        await session.commit()
    assert heard == ["alice", "checkin"]
    return f"heard {' and '.join(heard)}"


async def run_async(engine):
    """`dbapi_connection.run_async()` gives a function the driver's own connection and awaits what it returns."""
    driver = engine.dialect.driver
    given = []

    async def look(connection):
        given.append(type(connection).__module__.partition(".")[0])
        await asyncio.sleep(0)
        return "awaited"

    def on_connect(dbapi_connection, _):
        given.append(dbapi_connection.run_async(look))

    event.listen(engine.sync_engine, "connect", on_connect)
    await engine.dispose()
    async with engine.connect():
        assert given == [driver, "awaited"], given
    event.remove(engine.sync_engine, "connect", on_connect)
    return "the function got the driver's connection, and its coroutine was awaited"


async def every_session(engine):
    """A listener on `Session` hears every session; one on your own subclass hears only that subclass."""

    class OwnSession(Session):
        pass

    on_all, on_own = [], []
    listeners = (Session, on_all), (OwnSession, on_own)
    for target, heard in listeners:
        event.listen(target, "after_begin", lambda *_, heard=heard: heard.append(1))
    for Maker in (
        async_sessionmaker(engine),
        async_sessionmaker(engine, sync_session_class=OwnSession),
    ):
        async with Maker() as session:
            await session.execute(select(1))
    assert (len(on_all), len(on_own)) == (2, 1)
    return "of 2 sessions, 2 were heard by Session and 1 by the subclass"


async def extension(engine):
    """A `sessionmaker` with `class_=AsyncSession` has no events; a plain one's class serves as `sync_session_class`."""
    heard = []

    def attach(maker):
        """What an extension does with a session factory."""
        event.listen(maker, "after_flush_postexec", lambda *_: heard.append(1))
        return maker

    error = refused(
        lambda: attach(sessionmaker(engine, class_=AsyncSession)),
        AttributeError,
        "type object 'AsyncSession' has no attribute 'dispatch'",
    )
    OwnSession = attach(sessionmaker()).class_
    for options in {}, {"sync_session_class": OwnSession}:
        async with async_sessionmaker(engine, **options)() as session:
            session.add(User(name="alice"))
            await session.commit()
    assert heard == [1]
    return f"{error}; of 2 sessions, the one with sync_session_class was heard"


async def await_in_a_listener(engine):
    """`await_only()` awaits in a listener that SQLAlchemy calls in its greenlet; an `init` listener is not one."""
    done = []

    async def index(name):
        await asyncio.sleep(0)
        done.append(name)

    def after_flush(session, _):
        for user in session.new:
            await_only(index(user.name))

    def init(_target, _args, kwargs):
        coroutine = index(kwargs["name"])
        try:
            await_only(coroutine)
        finally:
            coroutine.close()

    async with AsyncSession(engine) as session:
        event.listen(session.sync_session, "after_flush", after_flush)
        session.add(User(name="alice"))
        await session.commit()
    assert done == ["alice"]
    event.listen(User, "init", init)
    error = refused(
        lambda: User(name="bob"), MissingGreenlet, "greenlet_spawn has not been called"
    )
    event.remove(User, "init", init)
    assert done == ["alice"]
    return f"after_flush: awaited; init: {error}"


async def continuum(engine):
    """SQLAlchemy-Continuum saves a version with each commit; reading `versions` is refused, except in `run_sync()`."""
    make_versioned(user_cls=None)

    class Versioned(DeclarativeBase):
        pass

    class Document(Versioned):
        __tablename__ = "documents"
        __versioned__ = {}
        id: Mapped[int] = mapped_column(primary_key=True)
        title: Mapped[str] = mapped_column(String(100))

    configure_mappers()
    Version = version_class(Document)
    async with engine.begin() as connection:
        await connection.run_sync(Versioned.metadata.drop_all)
        await connection.run_sync(Versioned.metadata.create_all)
    async with AsyncSession(engine, expire_on_commit=False) as session:
        document = Document(title="Maps")
        session.add(document)
        await session.commit()
        document.title = "Coins"
        await session.commit()
        by_time = select(Version.title).order_by(Version.transaction_id)
        selected = list(await session.scalars(by_time))

        def titles(_session=None):
            return [version.title for version in document.versions]

        read = await session.run_sync(titles)
        for call in titles, lambda: document.versions[0]:
            refused_greenlet(call)
    async with engine.begin() as connection:
        await connection.run_sync(Versioned.metadata.drop_all)
    remove_versioning()
    assert selected == read == ["Maps", "Coins"]
    return "select(): Maps, Coins; run_sync(): Maps, Coins; document.versions: refused"


FACTS = (
    when_attached,
    never_awaited,
    do_orm_execute,
    synchronous_targets,
    run_async,
    every_session,
    extension,
    await_in_a_listener,
    continuum,
)


async def main():
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    for fact in FACTS:
        async with engine.begin() as connection:
            await connection.run_sync(Base.metadata.drop_all)
            await connection.run_sync(Base.metadata.create_all)
        print(f"{fact.__name__.replace('_', '-')}: {await fact(engine)}")
    await engine.dispose()


asyncio.run(main())
