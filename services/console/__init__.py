"""The officer's console: its room is ready; the command line serves officers until it is built."""
