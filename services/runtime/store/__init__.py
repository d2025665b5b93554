"""The state of record: one SQLAlchemy store, on SQLite by default and PostgreSQL with more than one machine."""
