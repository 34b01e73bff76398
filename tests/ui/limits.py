"""Discord's limits of an embed, and what in its text may have an effect."""

import re

import discord

from tests.ui.hostile import live_parts

# Our own markdown, commands and settings, and the timestamps that Discord renders in each reader's zone.
_OUR_OWN = re.compile(
    r"\*\*|<@&?\d+>|\(\d+ %\)|\((?=\0\))|(?<=\0)\)|`(?:/[a-z ]+|[A-Z_]+)`"
    r"|\((?:[A-Z]+|(?:\d+ [A-Za-z ]+(?:, )?)+)\)"  # a mode, or how many tokens are in which
)


def without_brackets_of_names(text: str) -> str:
    """Remove the brackets around a token's number behind its name."""
    return re.sub(r" \((\d+)\)", r" \1", text)


def parts_of(embed: discord.Embed) -> list[str]:
    """Return all texts of an embed."""
    fields = [part for field in embed.fields for part in (field.name or "", field.value or "")]
    return [*filter(None, (embed.title, embed.description)), *fields]


def check_limits(embed: discord.Embed) -> None:
    """Discord's documentation, "Embed Limits"; blank fields are refused as well."""
    # An alert has its title in the content of its message.
    assert len(embed.title or "") <= 256
    assert len(embed.description or "") <= 4096
    assert embed.title or embed.description
    assert len(embed.footer.text or "") <= 2048
    assert len(embed.fields) <= 25
    assert all(0 < len((field.name or "").strip()) <= 256 for field in embed.fields)
    assert all(0 < len((field.value or "").strip()) <= 1024 for field in embed.fields)
    assert len(embed) <= 6000


def check_escaped(text: str) -> None:
    """Only our own bold type, timestamps, mentions and commands have an effect."""
    without_times = re.sub(r"<t:-?\d+:[tDRf]>", "\0", text)
    rest = _OUR_OWN.sub("", without_times)
    assert live_parts(rest) == [], text
