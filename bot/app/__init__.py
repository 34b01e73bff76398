"""The Discord application: the client, its checks and error handler, and what its commands share."""
