"""The monitor runs rounds, the notifier carries deliveries to Discord; the storage stands between them."""
