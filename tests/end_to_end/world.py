"""How a test acts on the bot from outside: as people in Discord, as ImaginePro, as an operator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID, uuid4

from bot.demo.documented_api import MADE_UP_EMAIL, made_up_secret
from bot.ui import texts
from tests.end_to_end.bot_process import BotProcess
from tests.patience import GENEROUS
from tests.standins.discord_server import DiscordServer, Interaction, Message, Permission, Request
from tests.standins.imaginepro_server import ImagineProServer

MOD = int(Permission.MANAGE_GUILD)
FLEET, ACCOUNT = "/api/v1/discord/tokens", "/api/v1/subscription/account-info"
_DISCARDED = "The round was discarded"


@dataclass
class World:
    """A Discord with one home server, an ImaginePro, and the bot between them."""

    discord: DiscordServer
    imaginepro: ImagineProServer
    bot: BotProcess
    home: int
    talk: int
    alerts: int
    role: int
    tracebacks_of: tuple[str, ...] = ()
    """What may be logged with a traceback: nothing, unless the test causes unexpected errors."""

    # The one who runs the bot

    async def start(self) -> None:
        """Start the bot, and wait until it is connected."""
        before = len(self.discord.connections)
        await self.bot.start()
        await self.connected(after=before)

    async def connected(self, *, after: int) -> None:
        """Wait until the bot has connected more than this number of times."""
        await self.discord.wait_for(
            lambda: any(each.session_id and each.closed is None for each in self.discord.connections[after:])
        )

    async def restart(self) -> None:
        """Kill the bot and start it again, on the same database."""
        await self.bot.kill()
        await self.start()

    # People in Discord

    async def trace(self, message: UUID, **options: object) -> Interaction:
        """Type /trace."""
        return await self.discord.command("trace", {"message_id": str(message), **options}, channel_id=self.talk)

    async def set_up_alerts(self, channel: int | None = None, role: int | None = None) -> Message:
        """Type /alerts setup as a moderator, and wait for the answer."""
        options = {"channel": channel or self.alerts, "role": role or self.role}
        typed = await self.discord.command("alerts setup", options, channel_id=self.talk, permissions=MOD)
        return await typed.answered()

    async def alerts_shown(self) -> dict[str, str]:
        """Type /alerts show as a moderator; the fields of the answer."""
        typed = await self.discord.command("alerts show", channel_id=self.talk, permissions=MOD)
        return {field["name"]: field["value"] for field in (await typed.answered()).embeds[0]["fields"]}

    # ImaginePro

    def message_of(self, token: int | None) -> UUID:
        """Return a new message, run by this token."""
        message = uuid4()
        self.imaginepro.messages[message] = token
        return message

    def set_status(self, token: int, status: str) -> None:
        """Set a token's status."""
        self.imaginepro.tokens[token].status = status

    def asked(self) -> int:
        """How often the fleet has been requested."""
        return sum(request.path == FLEET for request in self.imaginepro.log)

    async def rounds(self, number: int = 1, *, within: float = GENEROUS) -> None:
        """Wait until this number of whole rounds have started and ended; rounds do not overlap."""
        wanted = self.asked() + number + 1
        await self.imaginepro.wait_for(lambda: self.asked() >= wanted, within)

    async def watching(self) -> None:
        """Start the bot, set up alerts, and wait until a round after that has been recorded.

        A busy machine may take longer for a round than the lease lasts, and then the round is discarded.
        """
        await self.start()
        await self.set_up_alerts()
        await self.bot.says("Watching tokens.")
        while True:
            before = self.bot.said(_DISCARDED)
            await self.rounds()
            if self.bot.said(_DISCARDED) == before:
                return

    # Results

    async def alert_posts(
        self, number: int = 1, *, channel: int | None = None, within: float = GENEROUS
    ) -> list[Message]:
        """Wait until the alert channel has this number of Discord messages. Return all of them."""
        place = channel or self.alerts
        await self.discord.wait_for(lambda: len(self.discord.messages(place)) >= number, within)
        return self.discord.messages(place)

    async def settled(self) -> None:
        """Wait until no delivery is pending."""
        while (await self.alerts_shown())[texts.alerts_overview.FIELD_WAITING] != texts.common.NONE:
            await self.rounds()

    def post_attempts(self, channel: int | None = None) -> list[Request]:
        """The attempts to post in the alert channel."""
        return self.discord.requests_to("POST", self.posting(channel))

    def posting(self, channel: int | None = None) -> str:
        """The path of posting in the alert channel."""
        return f"/channels/{channel or self.alerts}/messages"

    def editing(self, channel: int | None = None) -> str:
        """The path, a regular expression, of changing a Discord message in the alert channel."""
        return rf"{self.posting(channel)}/\d+"

    def nonces(self, channel: int | None = None) -> set[str]:
        """The nonces of the attempts to post in the alert channel."""
        return {request.body["nonce"] for request in self.post_attempts(channel)}

    def secrets(self) -> Iterator[str]:
        """Yield everything that must not appear anywhere."""
        yield from (self.discord.token, self.imaginepro.key, MADE_UP_EMAIL)
        yield from map(made_up_secret, self.imaginepro.tokens)
        yield from (interaction.token for interaction in self.discord.interactions)

    def check_invariants(self) -> None:
        """Every request was valid, nothing unexpected was logged, and no secret leaked."""
        assert self.discord.violations == []
        marks = ("Traceback", "nobody expected", "nexpected error")
        loud = [line for line in self.bot.log if any(mark in line for mark in marks)]
        assert not [line for line in loud if not any(words in line for words in self.tracebacks_of)]
        self.check_no_secret_leaked()

    def check_no_secret_leaked(self) -> None:
        """No secret is in the log, in the database or in what Discord was sent."""
        log = "\n".join(self.bot.log)
        sent = json.dumps([request.body for request in self.discord.requests])
        kept = b"".join(path.read_bytes() for path in self.bot.folder.rglob("*") if path.is_file())
        # Texts from outside go to Discord with their Markdown escaped.
        everything = "\n".join([log, sent, kept.decode("latin-1")]).replace("\\", "")
        assert [secret for secret in self.secrets() if secret in everything] == []
