"""Mentions: whom a Discord message names, and may ping."""

from dataclasses import dataclass

import discord


@dataclass(frozen=True, slots=True)
class Mentions:
    """The roles and members that a Discord message may ping, and nobody else."""

    roles: tuple[int, ...] = ()
    members: tuple[int, ...] = ()

    def before(self, words: str) -> str:
        """Return the words after the mentions."""
        roles, members = (f"<@&{role_id}>" for role_id in self.roles), (f"<@{member}>" for member in self.members)
        return " ".join([*roles, *members, words])

    @property
    def allowed(self) -> discord.AllowedMentions:
        """What Discord may ping for them."""
        return discord.AllowedMentions(
            everyone=False,
            users=[discord.Object(member_id) for member_id in self.members] or False,
            roles=[discord.Object(role_id) for role_id in self.roles] or False,
            replied_user=False,
        )


NOBODY = Mentions()


def of_role(role_id: int | None, members: tuple[int, ...] = ()) -> Mentions:
    """Return the mentions of a role, if there is one, and of members."""
    return Mentions((role_id,) if role_id is not None else (), members)
