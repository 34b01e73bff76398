"""Small tools for tasks that run side by side."""
