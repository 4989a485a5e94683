"""The changes of the schema, in their order: what Alembic runs."""
