"""The pure decisions of intake: reading a mail, composing a reply."""
