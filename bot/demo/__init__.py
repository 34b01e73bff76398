"""The demo: the real bot with a simulated Discord, ImaginePro and clock."""
