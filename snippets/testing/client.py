# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "asyncpg>=0.32,<1",
#   "pytest>=9.2,<10",
#   "pytest-asyncio>=1.5,<2",
#   "fastapi>=0.165,<1",
#   "httpx>=0.28,<1",
#   "litestar>=2.25,<3",
# ]
# ///
import os

from project.outcomes import run

os.environ.setdefault("DATABASE_URL", "postgresql+asyncpg://localhost/postgres")

# --8<-- [start:example]
print("FastAPI:")
run("test_client.py")
print("Litestar:")
run("test_litestar.py")
# --8<-- [end:example]
