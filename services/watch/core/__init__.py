"""What the figures are made of: pure, told the time, and the same whatever drives it."""
