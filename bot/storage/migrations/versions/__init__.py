"""The migrations; one is never changed once it has been released."""
