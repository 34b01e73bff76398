"""The monitor: fetches the state of each account from ImaginePro, and records what changed."""
