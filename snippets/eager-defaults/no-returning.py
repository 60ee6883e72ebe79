# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "aiosqlite>=0.22,<1"]
# ///
import asyncio
import os
from datetime import datetime

from sqlalchemy import Computed, String, event, func, inspect
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


# --8<-- [start:example]
def user_class(setting):
    class Base(DeclarativeBase):
        type_annotation_map = {str: String(100)}

    class User(Base):
        __tablename__ = "users"
        __table_args__ = {"implicit_returning": False}
        __mapper_args__ = {"eager_defaults": setting}
        id: Mapped[int] = mapped_column(primary_key=True)
        name: Mapped[str]
        slug: Mapped[str] = mapped_column(
            Computed("lower(name)"),
        )
        created_at: Mapped[datetime] = mapped_column(
            server_default=func.now(),
        )
        updated_at: Mapped[datetime] = mapped_column(
            server_default=func.now(),
            onupdate=func.now(),
        )

    return User


# --8<-- [end:example]


def print_missing(user) -> None:
    missing = sorted(inspect(user).unloaded)
    print("    not loaded:", ", ".join(missing) or "none")


async def run(setting) -> None:
    engine = create_async_engine(os.environ.get("DATABASE_URL", "sqlite+aiosqlite://"))
    user_type = user_class(setting)
    async with engine.begin() as connection:
        await connection.run_sync(user_type.metadata.drop_all)
        await connection.run_sync(user_type.metadata.create_all)

    statements = []

    @event.listens_for(engine.sync_engine, "before_cursor_execute")
    def note(_connection, _cursor, statement, *_):
        _, returning, columns = " ".join(statement.split()).partition(" RETURNING ")
        statements.append(f"  {statement.split()[0]} …{returning}{columns}")

    async with AsyncSession(engine, expire_on_commit=False) as session:
        user = user_type(name="Alice")
        session.add(user)
        await session.commit()
        print("\n".join(statements))
        print_missing(user)

        await session.refresh(user)
        statements.clear()
        user.name = "Bob"
        await session.commit()
        print("\n".join(statements))
        print_missing(user)

    await engine.dispose()


async def main() -> None:
    for setting in (True, "auto", False):
        print(f"eager_defaults={setting!r}")
        await run(setting)


asyncio.run(main())
