# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "sqlalchemy-continuum>=2,<3",
# ]
# ///
import asyncio
import os

from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    configure_mappers,
    mapped_column,
)
from sqlalchemy_continuum import make_versioned, version_class

make_versioned(user_cls=None)


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    __versioned__ = {}
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


configure_mappers()


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    Session = async_sessionmaker(engine, expire_on_commit=False)

    # --8<-- [start:example]
    Version = version_class(User)
    by_time = select(Version).order_by(Version.transaction_id)

    async with Session() as session:
        user = User(name="alice")
        session.add(user)
        await session.commit()
        user.name = "bob"
        await session.commit()

        versions = await session.scalars(by_time)
        print([version.name for version in versions])

        def names(_session):
            return [version.name for version in user.versions]

        print(await session.run_sync(names))
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
