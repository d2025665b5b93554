"""The router's public doors; cli and console call these and nothing else of the router."""
