"""Directories: people and groups as entries, each a row."""
