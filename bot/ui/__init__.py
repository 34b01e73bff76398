"""How it looks in Discord. Values in, discord objects out."""
