"""Alembic's entry: runs the changes on the connection that it is handed."""

from alembic import context

from soju_actors.adapters.database.tables import SCHEMA
from soju_actors.adapters.database.version import VERSION_TABLE

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SCHEMA,
    version_table=VERSION_TABLE,
)
context.run_migrations()
