"""ImaginePro's HTTP API. Knows no Discord."""
