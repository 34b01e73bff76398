"""The smallest bot that does the same on a good day: `/trace`, and a line when a token leaves FAST.

No retries, limits, storage, checks or durable alerts: only discord.py and httpx.
"""

import os

import discord
import httpx
from discord import app_commands
from discord.ext import tasks

HEADERS = {"Authorization": f"Bearer {os.environ['IMAGINEPRO_API_KEY']}"}
CHANNEL = int(os.environ.get("ALERT_CHANNEL", "0"))


class SmallestBot(discord.AutoShardedClient):
    """Requests and responds, and nothing else."""

    def __init__(self) -> None:
        super().__init__(intents=discord.Intents(guilds=True))
        self.tree = app_commands.CommandTree(self)
        self.http_client = httpx.AsyncClient(base_url=os.environ["IMAGINEPRO_BASE_URL"], headers=HEADERS)
        self.statuses: dict[object, object] = {}

    async def setup_hook(self) -> None:
        """Register the command and start the rounds."""
        self.tree.add_command(trace)
        await self.tree.sync()
        self.rounds.start()

    @tasks.loop(seconds=60)
    async def rounds(self) -> None:
        """Check the fleet once."""
        await self.look((await self.http_client.get("/api/v1/discord/tokens")).json())

    async def look(self, fleet: list[dict[str, object]]) -> None:
        """Announce the tokens that are no longer in FAST."""
        for token in fleet:
            before, now = self.statuses.get(token["id"]), token["status"]
            self.statuses[token["id"]] = now
            if before == "FAST" != now:
                await self.get_partial_messageable(CHANNEL).send(f"Token {token['id']} left FAST: {now}")


@app_commands.command()
async def trace(interaction: discord.Interaction[SmallestBot], message_id: str) -> None:
    """Respond with the token that ran a message."""
    await interaction.response.defer(thinking=True)
    answer = (await interaction.client.http_client.get(f"/api/v1/message/trace/{message_id}")).json()
    info = answer["tokenInfo"]
    embed = discord.Embed(title=f"Token {answer['tokenId']} · {answer['tokenStatus']}")
    for name, value in info.items():
        embed.add_field(name=name, value=value or "-")
    await interaction.followup.send(embed=embed)


if __name__ == "__main__":
    SmallestBot().run(os.environ["DISCORD_TOKEN"], log_handler=None)
