"""The proof of what happened: case events chained by hash, and signed checkpoints over the chains (docs/audit.md)."""
