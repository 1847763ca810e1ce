"""How Alembic runs here: on the connection that `bot.store.migrate` hands over."""  # noqa: INP001 - loaded by path

from __future__ import annotations

from alembic import context

from bot.store.tables import metadata

connection = context.config.attributes["connection"]
# SQLite can roll back DDL once the transaction is begun by hand, as bot.store.database does.
context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
with context.begin_transaction():
    context.run_migrations()
