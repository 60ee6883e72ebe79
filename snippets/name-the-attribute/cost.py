# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pytest>=9.2,<10",
#   "anyio>=4.16,<5",
# ]
# ///
import asyncio
import os

from project.conftest import name_the_attribute
from project.users import Base, User, alice
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import Session, selectinload


async def main() -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session:
        session.add_all(alice() for _ in range(10))
        await session.commit()
    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_):
        statements.append(statement)

    async def count_read() -> int:
        statements.clear()
        query = select(User).options(selectinload(User.posts))
        async with AsyncSession(engine) as session:
            for user in await session.scalars(query):
                await user.awaitable_attrs.organization
                await session.refresh(user, ["bio"])
        return len(statements)

    # --8<-- [start:example]
    hook = (Session, "do_orm_execute", name_the_attribute)
    event.remove(*hook)
    print("statements without listener:", await count_read())
    event.listen(*hook)
    print("statements with listener:", await count_read())
    # --8<-- [end:example]

    await engine.dispose()


asyncio.run(main())
