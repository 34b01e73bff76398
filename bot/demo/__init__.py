"""The simulated services of the demo: an ImaginePro whose tokens live through a good and a bad day."""
