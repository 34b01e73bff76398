"""The Discord application: the client, its gate and error handler, and what its commands share."""
