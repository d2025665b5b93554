"""Reads messages against the knowledge base, owns the cases and their clocks, and routes each claim."""
