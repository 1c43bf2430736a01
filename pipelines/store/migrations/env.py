"""Where Alembic begins: it works on the connection, and within the transaction, that it is handed."""

from alembic import context

from pipelines.store.models import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
