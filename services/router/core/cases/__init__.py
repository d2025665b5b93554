"""The life of a case: one transition table, decide and evolve."""
