"""Charts as pictures. They are drawn in a process of their own: see `bot.charts`, which asks it."""
