"""Which rights a message uses, what it asks, and on what evidence."""
