"""Commands that work on the data while no bot needs them: back up, restore, migrate, copy."""
