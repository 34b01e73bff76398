"""The `check` command: tests the settings and every service before the first start."""
