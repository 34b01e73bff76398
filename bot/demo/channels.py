"""The channels, threads and forum posts of the simulated Discord, as the menu of the page shows them.

It reads SimCord's records directly: its handles know neither the tags of a post nor whether it is locked.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import simcord
from simcord.backend.access import can_access_channel
from simcord.enums import ChannelType

_SIGNS: Final = {ChannelType.TEXT: "#\u00a0", ChannelType.FORUM: "Forum\u00a0"}
_BELOW: Final = "\u00a0\u00a0↳\u00a0"


@dataclass(frozen=True, slots=True)
class ListedChannel:
    """A row of the menu."""

    id: str
    label: str
    canOpen: bool  # noqa: N815 - as the script on the page reads it
    isOpen: bool  # noqa: N815


def list_channels(env: simcord.Env, viewer: simcord.MemberActor, opened_id: int) -> list[ListedChannel]:
    """Return the channels that a member may read, each with its threads or posts below it."""
    return [
        ListedChannel(
            id=str(channel.id),
            label=_label(env, channel),
            canOpen=channel.type != ChannelType.FORUM,
            isOpen=channel.id == opened_id,
        )
        for channel in _in_order(env)
        if can_access_channel(env, channel.id, viewer, history=True)
    ]


def _in_order(env: simcord.Env) -> Iterator[Any]:
    channels = list(env.backend.channels.values())
    for channel in channels:
        if channel.type in _SIGNS:
            yield channel
            yield from (thread for thread in channels if thread.is_thread and thread.parent_id == channel.id)


def _label(env: simcord.Env, channel: Any) -> str:
    if not channel.is_thread:
        return f"{_SIGNS[channel.type]}{channel.name}"
    notes = ", ".join(state_of(env, channel))
    return f"{_BELOW}{channel.name}" + (f" · {notes}" if notes else "")


def state_of(env: simcord.Env, thread: Any) -> Sequence[str]:
    """Return the tags of a post, and whether it or a thread is closed and locked."""
    tags = {int(tag["id"]): str(tag["name"]) for tag in env.backend.channels[thread.parent_id].available_tags}
    state = thread.thread_metadata
    return [
        *(tags[tag_id] for tag_id in thread.applied_tags if tag_id in tags),
        *(["closed"] if state is not None and state.archived else []),
        *(["locked"] if state is not None and state.locked else []),
    ]


def topic_of(env: simcord.Env, channel_id: int) -> str | None:
    """Return what a page says beside the name: the topic, or how a post or thread is and where."""
    channel: Any = env.backend.channels[channel_id]
    if not channel.is_thread:
        return str(channel.topic) if channel.topic else None
    parent = env.backend.channels[channel.parent_id]
    kind = "post" if parent.type == ChannelType.FORUM else "thread"
    # A phone has room for the beginning only.
    return " · ".join([*state_of(env, channel), f"{kind} in #{parent.name}"])
