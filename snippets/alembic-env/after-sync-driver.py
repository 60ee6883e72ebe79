# /// script
# requires-python = ">=3.11"
# dependencies = ["sqlalchemy[asyncio]>=2.0,<2.2", "alembic>=1.20,<2"]
# ///
import os

from alembic import command
from alembic.config import Config

# --8<-- [start:example]
url = os.environ.get("DATABASE_URL", "sqlite://")
folder = "alembic:templates/generic"

config = Config()
config.set_main_option("sqlalchemy.url", url)
config.set_main_option("script_location", folder)
command.current(config, verbose=True)
# --8<-- [end:example]
