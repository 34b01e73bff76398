"""Stand-ins for the services Fastwatch talks to, over real sockets."""
