"""What every service stands on: bus, store, vault, outbox, clock, settings and telemetry."""
