"""The state of record: one SQLAlchemy store, on SQLite by default and PostgreSQL when there is more than one machine."""
