"""`python -m services` is `habeas`."""

from services.cli.main import main

main()
