"""Trying everything before the first start: facts are asked for in one place, and put into words in another."""
