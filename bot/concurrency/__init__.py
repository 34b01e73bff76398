"""Small tools for concurrent tasks."""
