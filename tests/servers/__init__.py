"""Real servers for tests, one file each; a test that needs one and finds none fails."""
