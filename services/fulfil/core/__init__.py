"""The pure decisions of fulfil: data maps, traversal, plans."""
