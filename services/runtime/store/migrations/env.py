"""Alembic's door: it runs the revisions on the connection that `migrate` holds, inside its one transaction."""

from alembic import context

from services.runtime.store.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=METADATA,
    version_table="habeas_revision",
    transactional_ddl=True,
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
