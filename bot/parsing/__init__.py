"""Reading and cleaning text: pure functions that import nothing else of Fastwatch."""
