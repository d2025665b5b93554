"""Document databases: collections as tables, documents as rows."""
