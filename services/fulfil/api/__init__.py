"""Fulfil's public doors; cli and console call these and nothing else of fulfil."""
