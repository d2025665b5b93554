"""What an authority is shown of a case: without anybody else's personal data, and so that a change would show. Pure."""
