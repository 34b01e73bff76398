"""Parsing and cleaning of text: pure functions that import nothing else of Fastwatch."""
