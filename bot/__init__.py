"""Fastwatch: a Discord bot that watches the Midjourney tokens of an ImaginePro account."""

__version__ = "0.2.0"
