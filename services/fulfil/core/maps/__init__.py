"""Data maps: which of a system's tables hold personal data, how they are joined, and how each is erased."""
