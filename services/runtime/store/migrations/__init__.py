"""The history of the tables, one revision after another; docs/store.md says how to add one."""
