"""The monitor: asks ImaginePro about each account and records what changed."""
