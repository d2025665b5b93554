"""One small Protocol, and the systems that speak it."""
