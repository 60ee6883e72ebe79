# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "sqlalchemy[asyncio]>=2.0,<2.2",
#   "aiosqlite>=0.22,<1",
#   "pytest>=9.2,<10",
#   "pytest-asyncio>=1.5,<2",
#   "factory-boy>=3.3,<4",
#   "polyfactory>=3.5,<4",
# ]
# ///
from project.outcomes import run

# --8<-- [start:example]
print("factory_boy:")
run("test_factories.py")
print("factory_boy, with a session:")
run("test_model_factory.py", "-k", "not get_or_create")
print("polyfactory:")
run("test_polyfactory.py", "-k", "build or create_async")
# --8<-- [end:example]
