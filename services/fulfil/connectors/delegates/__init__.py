"""Systems that are asked as a whole and answer later."""
