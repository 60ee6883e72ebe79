# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "opentelemetry-instrumentation-sqlalchemy>=0.66b1,<1",
#   "opentelemetry-sdk>=1.45,<2",
#   "sentry-sdk>=2.75,<3",
# ]
# ///
"""What the page `observability` says beyond its examples, each sentence asserted by a run."""

import asyncio
import logging
import os

import sentry_sdk
import sqlalchemy
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sentry_sdk.transport import Transport
from sqlalchemy import String, event, func, inspect, select, text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.ext import asyncio as sqlalchemy_asyncio
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

URL = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
QUERY = "SELECT 42"

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
instrumentor = SQLAlchemyInstrumentor()
events = []


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __repr__(self) -> str:
        return f"<User {self.name}>"


class Organization(Base):
    """Its `__repr__` needs no SQL."""

    __tablename__ = "organizations"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __repr__(self) -> str:
        return f"<Organization {inspect(self).identity}>"


class InMemoryTransport(Transport):
    def capture_envelope(self, envelope):
        events.extend(item.payload.json for item in envelope.items if item.payload.json)


def instrument(**options):
    return instrumentor.instrument(
        tracer_provider=provider, **{"skip_dep_check": True, **options}
    )


async def spans(engine):
    """The names of the spans of a session's query; that of the query is named by its SQL."""
    exporter.clear()
    async with AsyncSession(engine) as session:
        await session.scalar(text(QUERY))
    found = exporter.get_finished_spans()
    return [span.attributes.get("db.statement", span.name) for span in found]


def uninstrument():
    instrumentor.uninstrument()


async def later_engines():
    """Without an engine, `instrument()` watches engines made later, by a `create_async_engine` that was imported later."""
    earlier = create_async_engine(URL)
    instrument()
    by_earlier_name = create_async_engine(URL)
    later = sqlalchemy_asyncio.create_async_engine(URL)
    assert QUERY not in await spans(earlier)
    assert QUERY not in await spans(by_earlier_name)
    assert QUERY in await spans(later)
    uninstrument()
    for engine in earlier, by_earlier_name, later:
        await engine.dispose()
    return "no query's span for an earlier engine, nor for an earlier import; one for a later engine"


async def once():
    """A second `instrument()` does nothing but warn; `engines=[…]` takes all of them at once."""
    first, second = create_async_engine(URL), create_async_engine(URL)
    instrument(engine=first.sync_engine)
    instrument(engine=second.sync_engine)
    assert QUERY in await spans(first) and QUERY not in await spans(second)
    uninstrument()
    instrument(engines=[first.sync_engine, second.sync_engine])
    assert QUERY in await spans(first) and QUERY in await spans(second)
    uninstrument()
    for engine in first, second:
        await engine.dispose()
    return "the second engine has spans with engines=[…], not with a second call"


async def versions():
    """The instrumentation 0.66b1 leaves SQLAlchemy 2.1 alone, unless `skip_dep_check=True`."""
    engine = create_async_engine(URL)
    instrument(engine=engine.sync_engine, skip_dep_check=False)
    unchecked = QUERY in await spans(engine)
    if unchecked:
        uninstrument()
    instrument(engine=engine.sync_engine)
    assert QUERY in await spans(engine)
    uninstrument()
    await engine.dispose()
    assert unchecked == (sqlalchemy.__version__ < "2.1")
    return f"without skip_dep_check: {'spans' if unchecked else 'none'}; with it: spans"


async def cost():
    """Neither OpenTelemetry nor Sentry sends a statement of its own."""
    engine = create_async_engine(URL)
    sent = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda *args: sent.append(args[2])
    )
    instrument(engine=engine.sync_engine)
    sentry_sdk.init("http://key@localhost/1", transport=InMemoryTransport)
    await spans(engine)
    uninstrument()
    await engine.dispose()
    assert sent == [QUERY]
    return "one query: 1 statement"


async def sentry_spans():
    """Sentry's SQLAlchemy integration needs no engine: it hears the events of all."""
    sentry_sdk.init(
        "http://key@localhost/1",
        transport=InMemoryTransport,
        traces_sample_rate=1.0,
        enable_backpressure_handling=False,
    )
    engine = create_async_engine(URL)
    events.clear()
    with sentry_sdk.start_transaction(name="request"):
        await spans(engine)
    await engine.dispose()
    [transaction] = [one for one in events if one.get("type") == "transaction"]
    found = [(span["op"], span["description"]) for span in transaction["spans"]]
    assert ("db", QUERY) in found, found
    return f"a span for {QUERY}, and no engine was named"


def reported():
    """What the last event shows of the local variables `user` and `organization`."""
    frame = events[-1]["exception"]["values"][-1]["stacktrace"]["frames"][-1]
    return {
        name: value
        for name, value in frame.get("vars", {}).items()
        if name in ("user", "organization")
    }


def capture(user, organization, how=sentry_sdk.capture_exception):
    """Report an error in a function with these local variables."""
    try:
        raise ConnectionError(type(user), type(organization))
    except ConnectionError:
        how()
    return reported()


async def with_expired(function, **options):
    """Call `function` with a session and two objects that a commit has expired."""
    sentry_sdk.init("http://key@localhost/1", transport=InMemoryTransport, **options)
    engine = create_async_engine(URL)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.drop_all)
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        objects = User(name="alice"), Organization(name="Library")
        session.add_all(objects)
        await session.commit()
        result = await function(session, *objects)
    await engine.dispose()
    return result


async def broken_repr():
    """Sentry calls `repr()` for local variables: one that needs SQL is shown as `<broken repr>`, and no error is raised."""

    async def run(_session, user, organization):
        return capture(user, organization)

    seen = await with_expired(run)
    assert seen == {"user": "<broken repr>", "organization": "<Organization (1,)>"}
    return f"user: {seen['user']}; organization: {seen['organization']}"


async def logged_error():
    """`logging.exception()` does the same, because Sentry reports it too."""

    async def run(_session, user, organization):
        return capture(user, organization, lambda: logging.exception("no mail"))

    logging.getLogger().addHandler(logging.NullHandler())
    seen = await with_expired(run)
    assert seen["user"] == "<broken repr>"
    return f"user: {seen['user']}"


async def lost_changes():
    """With unsaved changes, that read flushes first, and the next commit fails; not without local variables."""

    async def run(session, user, organization):
        session.add(User(name="bob"))
        capture(user, organization)
        [error] = await asyncio.gather(session.commit(), return_exceptions=True)
        await session.rollback()
        return error, await session.scalar(select(func.count(User.id)))

    error, users = await with_expired(run)
    assert type(error) is PendingRollbackError and users == 1
    error, with_option = await with_expired(run, include_local_variables=False)
    assert error is None and with_option == 2
    return f"commit(): PendingRollbackError, {users} of 2 users; include_local_variables=False: 2 of 2"


FACTS = (
    later_engines,
    once,
    versions,
    cost,
    sentry_spans,
    broken_repr,
    logged_error,
    lost_changes,
)


async def main():
    for fact in FACTS:
        print(f"{fact.__name__.replace('_', '-')}: {await fact()}")


asyncio.run(main())
