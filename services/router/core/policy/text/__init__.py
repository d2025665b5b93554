"""From a text as published to clauses: each module here removes one kind of mess."""
