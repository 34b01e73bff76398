"""How a moderator uses the bot, and what happens to the tokens."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import discord
import simcord

from bot.monitor.monitor import Monitor
from tests.clocks import SetClock
from tests.cogs.server import Server, card, fields
from tests.standins.imaginepro_server import ImagineProServer

MINUTE = timedelta(minutes=1)


async def command(
    server: Server, name: str, *, by: simcord.MemberActor | None = None, **options: object
) -> simcord.InteractionResult:
    """Use a command of `/alerts`, by default as a moderator."""
    return await (by or server.mod).slash(server.talk, f"alerts {name}", **options)


async def set_rules(server: Server, **values: object) -> None:
    """Set rules, one after the other, as a moderator."""
    for rule, value in values.items():
        text = text_of(await command(server, "rules set", rule=rule, value=str(value)))
        assert text.startswith(("Changed:", "Nothing to change:")), text


def text_of(result: simcord.InteractionResult) -> str:
    """Return a moderator's private response."""
    assert result.response is not None
    assert result.response.ephemeral
    assert result.followups == []
    return result.response.content


def actions_on(alert: discord.Message) -> list[str]:
    """Return what an alert says that members have done about it."""
    lines = (alert.embeds[0].description or "").splitlines()
    return [line for line in lines if line.startswith(("👀", "🙋", "🔕"))]


async def rounds(monitor: Monitor, clock: SetClock, number: int = 1) -> None:
    """Run rounds, a minute apart."""
    for _ in range(number):
        clock.advance(MINUTE)
        await monitor.round()


async def leave_fast(
    imaginepro: ImagineProServer, monitor: Monitor, clock: SetClock, status: str = "RELAX", readings: int = 2
) -> None:
    """Let token 111 be read in FAST, and then a number of times in another mode."""
    await monitor.round()
    imaginepro.tokens[111].status = status
    await rounds(monitor, clock, readings)


@dataclass
class Team:
    """A server with alerts, its tokens at ImaginePro, and the time."""

    server: Server
    imaginepro: ImagineProServer
    monitor: Monitor
    clock: SetClock

    @property
    def now(self) -> int:
        """Return the time as in Discord's timestamps."""
        return int(self.clock.now().timestamp())

    def set_status(self, status: str, *token_ids: int) -> None:
        """Set the status of tokens at ImaginePro, by default 111."""
        for token_id in token_ids or (111,):
            self.imaginepro.tokens[token_id].status = status

    def fill(self, hours: float, token_id: int = 111) -> None:
        """Set how many of its 15 hours a token has left."""
        line = f"{hours:.2f}/15.0 hours ({hours / 15:.2%})"
        self.imaginepro.tokens[token_id].info["fastTimeRemaining"] = line

    async def shown(self) -> dict[str, str]:
        """Return the fields of `/alerts show`."""
        return fields(card(await command(self.server, "show")))

    async def rounds(self, number: int = 1) -> list[discord.Message]:
        """Run rounds, a minute apart, and deliver. Return all messages in the alert channel."""
        await rounds(self.monitor, self.clock, number)
        return await self.server.deliver()

    async def later(self, length: timedelta) -> list[discord.Message]:
        """Advance the time, and run a round at its end."""
        self.clock.advance(length)
        await self.monitor.round()
        return await self.server.deliver()

    async def out(self, status: str = "RELAX", *token_ids: int) -> discord.Message:
        """Let tokens leave FAST and deliver. Return the alert."""
        await self.monitor.round()
        self.set_status(status, *token_ids)
        return (await self.rounds(2))[-1]

    async def press(
        self, message: Any, label: str, *, by: simcord.MemberActor | None = None
    ) -> simcord.InteractionResult:
        """Press a button, by default as a moderator, and update the alert."""
        result = await (by or self.server.mod).click(message, label=label)
        await self.server.bot.notifier.deliver_due()
        return result

    async def submit(
        self, shown: simcord.InteractionResult, text: str, *, by: simcord.MemberActor | None = None
    ) -> simcord.InteractionResult:
        """Submit a form with one field, by default as a moderator, and update the alert."""
        assert shown.modal is not None
        (label,) = shown.modal["components"]
        result = await (by or self.server.mod).submit_modal(shown, {label["component"]["custom_id"]: text})
        await self.server.bot.notifier.deliver_due()
        return result

    async def mute(self, alert: discord.Message, label: str) -> str:
        """Mute an alert by its button. Return the response."""
        asked = await self.press(alert, "Mute")
        assert asked.response is not None
        assert asked.ephemeral
        await self.press(asked.response, label)
        assert asked.response is not None
        assert asked.response.components == []
        return asked.response.content

    async def refused_press(self, message: Any, label: str, *, by: simcord.MemberActor | None = None) -> str:
        """Press a button that refuses. Return its one sentence."""
        result = await self.press(message, label, by=by)
        (sentence,) = result.followups if result.followups else [result.response]
        assert sentence is not None
        assert sentence.ephemeral
        return sentence.content


def labels(message: discord.Message) -> list[str]:
    """List the buttons under a Discord message."""
    return [
        button.label or ""
        for row in message.components
        if isinstance(row, discord.ActionRow)
        for button in row.children
        if isinstance(button, discord.Button)
    ]
