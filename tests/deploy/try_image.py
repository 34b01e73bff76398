"""Try a built image, as a person would run it: python -m tests.deploy.try_image IMAGE.

It needs Docker, or what DOCKER names, on Linux: the container uses the network of this machine, where the stand-ins
are.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from bot import __version__
from tests.patience import GENEROUS
from tests.standins.discord_server import DiscordServer
from tests.standins.imaginepro_server import ImagineProServer, linked_token

_ROOT = Path(__file__).parents[2]
_ENGINE = os.environ.get("DOCKER", "docker")
_LOCKED_DOWN = ("--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--tmpfs", "/tmp")  # noqa: S108 - a path in the container
_STOPS_WITHIN = 5
"""Seconds from SIGTERM to the end, as docs/configuration.md promises."""
_INVALID_SETTINGS = 2
_MOST_MEGABYTES = 75
"""On top of Python's image, which has about 120 MB, and without the libraries that draw charts."""
_FOR_CHARTS = (
    *(
        "contourpy",
        "cycler",
        "dateutil",
        "fontTools",
        "kiwisolver",
        "matplotlib",
        "mpl_toolkits",
        "numpy",
        "PIL",
        "pillow",
    ),
    "pyparsing",
)
_MEASURE = """
import json, pathlib, sys
sizes = {}
for file in pathlib.Path("/app").rglob("*"):
    if file.is_file() and not file.is_symlink():
        parts = file.parts
        name = parts[parts.index("site-packages") + 1] if "site-packages" in parts else "the rest"
        sizes[name] = sizes.get(name, 0) + file.stat().st_size
json.dump(sizes, sys.stdout)
"""


class ImageFailed(Exception):
    """The image does not do what it should. The text says what."""


async def engine(*arguments: str) -> tuple[int, str]:
    """Run a command of the engine. Return its exit status and its output."""
    process = await asyncio.create_subprocess_exec(_ENGINE, *arguments, stdout=PIPE, stderr=STDOUT)
    async with asyncio.timeout(GENEROUS):
        output, _ = await process.communicate()
    return process.returncode or 0, output.decode(errors="replace").strip()


async def succeed(*arguments: str) -> str:
    """Run a command of the engine that must succeed. Return its output."""
    status, output = await engine(*arguments)
    require(status == 0, f"{' '.join(arguments)}: status {status}: {output}")
    return output


def require(holds: bool, what: str) -> None:
    """Raise ImageFailed, with what was seen, unless the condition holds."""
    if not holds:
        raise ImageFailed(what)


def say(line: str) -> None:
    """Print a line of the result."""
    print(line, flush=True)  # noqa: T201 - for the person who has built the image


async def try_description(image: str) -> None:
    """The image says what it is, who runs it, how it stops and how its health is checked."""
    description: dict[str, Any] = json.loads(await succeed("image", "inspect", image))[0]
    config = description["Config"]
    user = config["User"]
    require(user.replace(":", "").isdigit() and not user.startswith("0"), f"user {user!r}")
    require(config["StopSignal"] == "SIGTERM", f"stop signal {config['StopSignal']}")
    require(config["Healthcheck"]["Test"] == ["CMD", "python", "-m", "bot", "health"], f"{config['Healthcheck']}")
    labels = config["Labels"]
    require(labels["org.opencontainers.image.version"] == __version__, f"labels {labels}")
    say(f"Image: {description['Size'] / 1e6:.0f} MB with its base, user {user}.")


async def try_sizes(image: str) -> None:
    """Without the libraries that draw charts, the image is small."""
    measured = await succeed("run", "--rm", "--network", "none", "--entrypoint", "python", image, "-c", _MEASURE)
    sizes: dict[str, int] = json.loads(measured)
    charts = sum(size for name, size in sizes.items() if name.startswith(_FOR_CHARTS))
    ours = sum(sizes.values()) - charts
    say(f"Added to Python's image: {ours / 1e6:.0f} MB, and {charts / 1e6:.0f} MB for charts.")
    require(ours < _MOST_MEGABYTES * 1e6, f"more than {_MOST_MEGABYTES} MB")


async def try_commands(image: str) -> None:
    """`--version`, and `check` without settings, which names each that is missing."""
    offline = ("run", "--rm", "--network", "none", *_LOCKED_DOWN, image)
    version = await succeed(*offline, "--version")
    require(version == __version__, f"--version: {version}")
    say(f"--version: {version}")
    status, output = await engine(*offline, "check")
    require(status == _INVALID_SETTINGS and "DISCORD_TOKEN: is missing" in output, f"check: status {status}: {output}")
    say(f"check without settings: status {status}")


async def try_start_up(image: str) -> None:
    """What a start imports was compiled in the build: the file system is read-only, so each start would do it again."""
    imports = ("--entrypoint", "python", image, "-v", "-c", "import bot.run, bot.start, bot.charts.drawing")
    loaded = await succeed("run", "--rm", "--network", "none", *_LOCKED_DOWN, *imports)
    sources = re.findall(r"^# code object from '?(\S+\.py)'?$", loaded, re.MULTILINE)
    require("# code object from" in loaded and not sources, f"compiled at each start: {sources}")
    say("Nothing is compiled at the start.")


async def try_bot(image: str) -> None:
    """Run the bot between stand-ins: it answers, draws, is healthy, and stops in time."""
    async with DiscordServer() as discord, ImagineProServer() as imaginepro:
        imaginepro.link(linked_token(111), linked_token(222))
        home = discord.add_guild()
        channel = discord.add_channel(home, "talk")
        began = time.monotonic()
        async with run_bot(image, discord, imaginepro, home) as container:
            await discord.wait_for(lambda: any(each.session_id for each in discord.connections))
            say(f"Connected to Discord after {time.monotonic() - began:.1f} s.")
            message = uuid4()
            imaginepro.messages[message] = 111
            answer = await (await discord.command("trace", {"message_id": str(message)}, channel_id=channel)).answered()
            require("111" in answer.embeds[0]["title"], f"/trace: {answer.embeds}")
            say(f"/trace: {answer.embeds[0]['title']}")
            answer = await (await discord.command("token history", {"token": "111"}, channel_id=channel)).answered()
            require(len(answer.attachments) == 1, f"/token history: {answer}")
            say("/token history: a chart")
            await succeed("exec", container, "python", "-m", "bot", "health")
            say("health: 0")
            await try_stop(container)
        require(discord.violations == [], f"{discord.violations}")


@asynccontextmanager
async def run_bot(image: str, discord: DiscordServer, imaginepro: ImagineProServer, home: int) -> AsyncIterator[str]:
    """Start a container and yield its name. Its Python imports the tests' folder to find the Discord of this machine;
    all else is as it comes, with secrets as files.
    """
    name = f"fastwatch-try-{uuid4().hex[:8]}"
    with TemporaryDirectory(prefix="fastwatch-secrets-") as folder:
        settings = {"IMAGINEPRO_BASE_URL": imaginepro.base_url, "HOME_SERVERS": str(home), "POLL_INTERVAL": "10s"}
        secrets = {"DISCORD_TOKEN": discord.token, "IMAGINEPRO_API_KEY": imaginepro.key}
        settings |= write_secrets(Path(folder), secrets)
        environment = [part for item in settings.items() for part in ("--env", "=".join(item))]
        mounts = ("--volume", f"{_ROOT / 'tests'}:/app/tests:ro", "--volume", f"{folder}:/run/secrets:ro")
        program = ("-m", "tests.standins.run_against", discord.api_url, discord.gateway_url, "--", "run")
        try:
            await succeed(
                *("run", "--detach", "--name", name, "--network", "host", *_LOCKED_DOWN),
                *(*environment, *mounts, "--entrypoint", "python", image, *program),
            )
            yield name
        except BaseException:
            say((await engine("logs", name))[1])
            raise
        finally:
            await engine("rm", "--force", "--volumes", name)


def write_secrets(folder: Path, secrets: Mapping[str, str]) -> dict[str, str]:
    """Write a file for each secret, which the container's user can read. Return the settings that name them there."""
    folder.chmod(0o755)
    for variable, secret in secrets.items():
        (folder / variable).write_text(f"{secret}\n", "utf-8")
    return {f"{variable}_FILE": f"/run/secrets/{variable}" for variable in secrets}


async def try_stop(container: str) -> None:
    """SIGTERM ends the bot, which is process 1, in time and with status 0."""
    began = time.monotonic()
    await succeed("kill", "--signal", "TERM", container)
    status = await succeed("wait", container)
    took = time.monotonic() - began
    say(f"SIGTERM: status {status} after {took:.1f} s")
    require(status == "0" and took < _STOPS_WITHIN, "it must stop in time, with status 0")


async def main(image: str) -> None:
    """Try everything, one after the other. Raises ImageFailed at the first that is not as it should be."""
    for attempt in (try_description, try_sizes, try_commands, try_start_up, try_bot):
        await attempt(image)


if __name__ == "__main__":
    try:
        asyncio.run(main(sys.argv[1]))
    except ImageFailed as error:
        sys.exit(f"The image failed: {error}")
