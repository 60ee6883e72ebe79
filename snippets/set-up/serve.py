# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "alembic>=1.20,<2",
#   "fastapi>=0.165,<1",
#   "uvicorn>=0.54,<1",
#   "httpx>=0.28,<1",
# ]
# ///
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import httpx

project = Path(__file__).with_name("project")
folder = tempfile.TemporaryDirectory()
url = os.environ.get("DATABASE_URL", "sqlite+aiosqlite://")
url += "/app.db" if url.endswith("://") else ""
where = {
    "cwd": folder.name,
    "env": os.environ | {"DATABASE_URL": url},
    "stderr": subprocess.PIPE,
    "text": True,
}


def python(*arguments: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", *arguments]


def show(response: httpx.Response) -> None:
    request = response.request
    print(request.method, request.url.path, response.status_code)
    print(" ", re.sub(r',"\w+_at":"[^"]*"', "", response.text))


# --8<-- [start:example]
ini = project / "alembic.ini"
migrate = python("alembic", "-c", ini, "upgrade", "head")
subprocess.run(migrate, check=True, **where)
app = ["--app-dir", project, "app.main:app"]
options = ["--port", "0", "--no-access-log"]
serve = python("uvicorn", *app, *options)
server = subprocess.Popen(serve, **where)
for line in server.stderr:
    if address := re.search(r"http://[\d.:]+", line):
        break
users = f"{address[0]}/users"
library = {"name": "Library"}
organizations = f"{address[0]}/organizations"
show(httpx.post(organizations, json=library))
alice = {"name": "alice", "organization_id": 1}
show(httpx.post(users, json=alice))
show(httpx.get(users))
show(httpx.get(f"{users}/1"))
show(httpx.patch(f"{users}/1", json={"name": "alicia"}))
server.terminate()
for line in server.stderr:
    if "shutdown complete" in line:
        print(line.strip())
# --8<-- [end:example]
server.wait()
folder.cleanup()
