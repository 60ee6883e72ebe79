# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "apscheduler>=3.11,<4",
# ]
# ///
import asyncio
import os

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from sqlalchemy import create_engine


async def main() -> None:
    # --8<-- [start:example]
    url = os.environ.get("DATABASE_URL", "sqlite://")
    engine = create_engine(url)
    store = SQLAlchemyJobStore(engine=engine)
    scheduler = AsyncIOScheduler()
    scheduler.add_jobstore(store)
    scheduler.start()
    print([job.id for job in scheduler.get_jobs()])
    # --8<-- [end:example]

    scheduler.shutdown()


asyncio.run(main())
