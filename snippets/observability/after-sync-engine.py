# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "opentelemetry-instrumentation-sqlalchemy>=0.66b1,<1",
#   "opentelemetry-sdk>=1.45,<2",
# ]
# ///
import asyncio
import os

from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import (
    InMemorySpanExporter,
)
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))

    # --8<-- [start:example]
    SQLAlchemyInstrumentor().instrument(
        engine=engine.sync_engine,
        tracer_provider=provider,
        skip_dep_check=True,
    )
    async with AsyncSession(engine) as session:
        await session.scalar(text("SELECT 42"))
    # --8<-- [end:example]

    for span in exporter.get_finished_spans():
        print(span.attributes.get("db.statement", span.name))
    await engine.dispose()


asyncio.run(main())
