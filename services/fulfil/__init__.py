"""Plans and performs a claim on the controller's systems, and leaves the proof."""
