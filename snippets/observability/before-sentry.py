# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "sentry-sdk>=2.75,<3",
# ]
# ///
import asyncio
import os

import sentry_sdk
from sentry_sdk.transport import Transport
from sqlalchemy import String, select
from sqlalchemy.ext.asyncio import (
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


async def send_mail(_user: object) -> None:
    raise ConnectionError


# --8<-- [start:example]
class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    def __repr__(self) -> str:
        return f"<User {self.name}>"


async def invite(session: AsyncSession, host: User) -> None:
    session.add(User(name="bob"))
    try:
        await send_mail(host)
    except ConnectionError:
        sentry_sdk.capture_exception()
    await session.commit()  # raises PendingRollbackError


# --8<-- [end:example]


class InMemoryTransport(Transport):
    def capture_envelope(self, envelope) -> None:
        pass


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    Session = async_sessionmaker(engine)
    sentry_sdk.init("http://key@localhost/1", transport=InMemoryTransport)

    async with Session() as session:
        alice = User(name="alice")
        session.add(alice)
        await session.commit()
        await invite(session, alice)
        names = await session.scalars(select(User.name).order_by(User.id))
        print(", ".join(names))
    await engine.dispose()


asyncio.run(main())
