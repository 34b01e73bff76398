"""The read side: what the database knows, as the values that are shown."""
