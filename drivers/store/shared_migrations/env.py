"""Alembic's entry: it runs inside the transaction that drivers.store.shared opened."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(connection=connection, transactional_ddl=True, version_table="ims_schema")
context.run_migrations()
