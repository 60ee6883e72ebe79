# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "psycopg[binary]>=3.3,<4",
#   "celery>=5.7,<6",
# ]
# ///
import os

from celery import Celery
from sqlalchemy import (
    create_engine,
    text,
)
from sqlalchemy.orm import Session

url = os.environ.get("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")

app = Celery(broker="memory://")
app.conf.task_always_eager = True
app.conf.task_eager_propagates = True

# --8<-- [start:example]
sync_url = url.replace("asyncpg", "psycopg")
engine = create_engine(sync_url)


def greet(name: str) -> str:
    with Session(engine) as session:
        session.execute(text("SELECT 1"))
    return f"hello, {name}"


@app.task
def welcome(name: str) -> str:
    return greet(name)


print(welcome.delay("alice").get())
print(welcome.delay("bob").get())
# --8<-- [end:example]
