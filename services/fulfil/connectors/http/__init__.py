"""Services with an HTTP API, described in their data map: no code is written for one more of them."""
