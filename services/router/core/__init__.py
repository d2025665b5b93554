"""The pure decisions of the router, over frozen values: no file, no clock, no network."""
