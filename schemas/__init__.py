"""The events and values that cross the bus, as pydantic models and nothing else."""
