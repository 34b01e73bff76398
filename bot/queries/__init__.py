"""The read side: a transaction in, the values to show out."""
