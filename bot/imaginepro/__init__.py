"""ImaginePro's HTTP API: requests, responses and errors. Independent of Discord."""
