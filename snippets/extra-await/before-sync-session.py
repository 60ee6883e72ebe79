# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2"]
# ///
import asyncio
import os

from sqlalchemy import String, create_engine, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column


class Base(DeclarativeBase):
    type_annotation_map = {str: String(100)}


class User(Base):
    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


async def main() -> None:
    # --8<-- [start:example]
    url = os.environ.get("DATABASE_URL", "sqlite://")
    engine = create_engine(url)
    with engine.begin() as connection:
        Base.metadata.create_all(connection)

    with Session(engine) as session:
        session.add(User(name="alice"))
        result = await session.execute(select(User))  # raises TypeError
        print(result.scalar_one().name)
    # --8<-- [end:example]

    engine.dispose()


asyncio.run(main())
