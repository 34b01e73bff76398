"""The notifier: sends recorded deliveries to Discord, and keeps the boards up to date."""
