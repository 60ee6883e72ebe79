# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "celery>=5.7,<6",
#   "apscheduler>=3.11,<4",
#   "pandas>=3.1,<4",
# ]
# ///
import asyncio
import tempfile
from pathlib import Path

import pandas
from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from celery import Celery
from sqlalchemy import String, create_engine, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    mapped_column,
    sessionmaker,
)

folder = tempfile.TemporaryDirectory()
path = Path(folder.name, "app.db").as_posix()
celery = Celery(broker="memory://")
celery.conf.task_always_eager = True


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


# --8<-- [start:example]
url = f"sqlite+aiosqlite:///{path}"
async_engine = create_async_engine(url)
AsyncSession = async_sessionmaker(
    async_engine,
    expire_on_commit=False,
)
engine = create_engine(f"sqlite:///{path}")
Session = sessionmaker(engine)


@celery.task
def welcome(user_id: int) -> str:
    with Session() as session:
        user = session.get_one(User, user_id)
        return f"hello, {user.name}"


async def create_user(name: str) -> int:
    async with AsyncSession() as session:
        user = User(name=name)
        session.add(user)
        await session.commit()
        return user.id


async def count_users() -> None:
    async with AsyncSession() as session:
        users = (await session.scalars(select(User))).all()
        print("APScheduler:", len(users), "user")


stores = {"default": SQLAlchemyJobStore(engine=engine)}
scheduler = AsyncIOScheduler(jobstores=stores)
# --8<-- [end:example]


async def main() -> None:
    async with async_engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    user_id = await create_user("alice")
    print("Celery:", welcome.delay(user_id).get())
    frame = pandas.read_sql(select(User.name), engine)
    print("pandas:", frame["name"].tolist())
    done = asyncio.Event()
    scheduler.add_listener(lambda _: done.set(), EVENT_JOB_EXECUTED)
    scheduler.start()
    scheduler.add_job(count_users)
    await done.wait()
    scheduler.shutdown()
    engine.dispose()
    await async_engine.dispose()


asyncio.run(main())
folder.cleanup()
