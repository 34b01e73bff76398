"""The commands: one file a feature. A command defers, asks, answers. The bot loads them by name."""
