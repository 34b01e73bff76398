"""What other users of the machine see of the bot, and what a former home server sees."""

import psutil
import pytest

from tests.end_to_end.conftest import as_users_start_it, where_no_database_is
from tests.end_to_end.world import World
from tests.standins.discord_server import DiscordServer
from tests.titles import title_of

pytestmark = pytest.mark.slow

WARNING = "All users of this machine can read .env"


@as_users_start_it
async def test_the_process_list_shows_no_secret(world: World) -> None:
    await world.start()

    lines = [" ".join(process.cmdline()) for process in psutil.Process().children(recursive=True)]
    (line,) = [line for line in lines if line.endswith("run")]
    assert [secret for secret in world.secrets() if secret in line] == []


@where_no_database_is
async def test_the_database_is_readable_by_its_user_alone(world: World) -> None:
    await world.start()

    files = list(world.bot.folder.glob("*.db*"))
    assert files
    assert {file.stat().st_mode & 0o777 for file in files} == {0o600}


@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, False), (0o600, False)])
async def test_warns_at_startup_of_an_env_file_readable_by_everyone(world: World, mode: int, warned: bool) -> None:
    file = world.bot.folder / ".env"
    file.write_text("")
    file.chmod(mode)
    await world.start()

    assert bool(world.bot.said(WARNING)) is warned


async def test_a_former_home_server_gets_no_alert_until_it_is_one_again(world: World, discord: DiscordServer) -> None:
    homes = world.bot.settings["HOME_SERVERS"]
    await world.watching()
    await world.bot.stop()

    world.bot.settings["HOME_SERVERS"] = str(discord.add_guild(name="Another team"))
    await world.start()
    world.set_status(111, "BANNED")
    await world.rounds(3)
    assert discord.messages(world.alerts) == []
    await world.bot.stop()

    world.bot.settings["HOME_SERVERS"] = homes
    await world.start()
    (alert,) = await world.alert_posts()
    assert title_of(alert) == "🔴 **Token 111** is banned"
