"""The clock: which law applies, when an answer is due, and how that date came about."""
