"""The knowledge base: clauses, promises, lint and quoted answers."""
