"""What an officer should know about a policy before somebody else finds it."""
