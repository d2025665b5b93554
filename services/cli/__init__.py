"""The composition root: commands that read as the flow, and the wiring of the services."""
