"""Intake's public doors; cli and console call these and nothing else of intake."""
