"""Relational databases: PostgreSQL, MySQL and MariaDB, SQLite, and what else SQLAlchemy has a dialect for."""
