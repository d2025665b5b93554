"""The page that a person reads first in their package, in their language."""
