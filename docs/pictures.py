"""Make the pictures of the README and the docs: the real bot in the simulated Discord of the demo, in Chromium.

python -m docs.pictures

The clock is set, so they come out the same each time, and differ only where the bot's looks do.
"""

import asyncio

import discord
import simcord

from bot.demo.scenarios.alerts import ALERTS, BANNED_TOKEN, FORGOTTEN_TOKEN, VERIFYING_TOKEN
from bot.demo.scenarios.day import (
    DAY,
    HEALTHY_TOKEN,
    MESSAGE_OF_HEALTHY_TOKEN,
    MESSAGE_OF_TOKEN_IN_MINUTES,
    TOKEN_RUNNING_OUT,
)
from bot.demo.scenarios.fleet import FLEET, LEAVING_TOKEN, SHORT_TOKEN, STEADY_TOKEN
from bot.demo.scenarios.team import SHOP_TOKEN, TEAM
from bot.logging_setup import configure_logs
from bot.settings import LogFormat, LogLevel
from bot.ui import texts
from docs.database_pictures import make_database_pictures
from docs.picture_stage import WIDTH_OF_A_PHONE, Stage, open_stage
from docs.place_pictures import make_place_pictures
from docs.trouble_pictures import make_trouble_pictures


async def main() -> None:
    """Make all pictures."""
    configure_logs(LogLevel.ERROR, LogFormat.CONSOLE, ())
    async with open_stage(DAY) as stage:
        await _traces(stage)
        await _incident(stage)
        await _lever(stage)
    async with open_stage(ALERTS) as stage:
        await _kinds_of_alerts(stage)
    async with open_stage(ALERTS) as stage:
        await _mess(stage)
    async with open_stage(ALERTS, WIDTH_OF_A_PHONE) as stage:
        await _who_is_on_it(stage)
    async with open_stage(FLEET) as stage:
        await _fleet(stage)
    async with open_stage(FLEET, WIDTH_OF_A_PHONE) as stage:
        await _fleet_on_a_phone(stage)
    async with open_stage(TEAM) as stage:
        await _team(stage)
    await make_place_pictures()
    await make_trouble_pictures()
    await make_database_pictures()


async def _traces(stage: Stage) -> None:
    await stage.picture("trace", stage.messages(str(MESSAGE_OF_HEALTHY_TOKEN)).last)
    world = stage.world
    await world.member.slash(world.channel, "trace", message_id=str(MESSAGE_OF_TOKEN_IN_MINUTES))
    await stage.live.publish()
    await stage.picture("trace-minutes", stage.messages(str(MESSAGE_OF_TOKEN_IN_MINUTES)))


async def _incident(stage: Stage) -> None:
    token = f"Token {TOKEN_RUNNING_OUT}"
    await stage.play_until(6)
    await stage.picture("alert", stage.alert_on_page(token))
    await stage.press(stage.alert(token), texts.buttons.ACKNOWLEDGE)
    await stage.picture("alert-acknowledged", stage.alert_on_page(token))
    await stage.play_until(14)
    await stage.picture("recovered", stage.alert_on_page(token), stage.reply(token))


async def _lever(stage: Stage) -> None:
    question = await stage.type("fleet disable", token=str(HEALTHY_TOKEN))
    await stage.picture("fleet-disable", stage.messages(f"Switch token {HEALTHY_TOKEN}"))
    await stage.press(_answer(question), texts.buttons.SWITCH_OFF)
    await stage.play_until(17)
    await stage.picture("switched-off", stage.alert_on_page("is switched off"))
    await stage.type("status")
    await stage.picture("status", stage.messages(texts.status.FIELD_AUDIT))


async def _kinds_of_alerts(stage: Stage) -> None:
    banned = f"Token {BANNED_TOKEN}"
    await stage.play_until(15)
    await stage.picture("alert-worse", stage.alert_on_page(banned), stage.reply(banned))
    await stage.play_until(18.5)
    await _have_the_name_shown(stage)
    await stage.play_until(24)
    await stage.picture("alert-group", stage.alert_on_page("3 tokens"))
    await stage.play_until(52)
    await stage.picture("alert-no-data", stage.alert_on_page("token status is unknown"))


async def _mess(stage: Stage) -> None:
    """Show how a server with all kinds of trouble looks to its mods."""
    server = stage.world.channel.guild
    if server is None or server.me is None:
        raise TypeError("the bot is in its home server")
    # Tokens are known after the first round.
    await stage.play_until(0.5)
    closed = server.create_text_channel(
        "owners", overwrites={server.me: discord.PermissionOverwrite(send_messages=False)}
    )
    await stage.type("alerts route", token=str(BANNED_TOKEN), channel=closed)
    await stage.type("alerts mute", duration="8h", token=str(VERIFYING_TOKEN), reason="Ann is verifying it")
    await stage.play_until(23)
    await stage.press(stage.alert(f"Token {FORGOTTEN_TOKEN}"), texts.buttons.ACKNOWLEDGE)
    question = await stage.press(stage.alert("3 tokens"), texts.buttons.MUTE)
    await stage.press(_answer(question), texts.buttons.MUTE_FOR[8])
    await stage.type("alerts show")
    await stage.picture("alerts-show", stage.messages(texts.alerts_overview.TITLE))
    await stage.type("alerts rules set", rule="low", value="15 %")
    await stage.type("alerts rules show")
    await stage.picture("alerts-rules", stage.messages(texts.rules.TITLE))


async def _who_is_on_it(stage: Stage) -> None:
    token = f"Token {BANNED_TOKEN}"
    await stage.play_until(15)
    await stage.press(stage.alert(token), texts.buttons.ASSIGN)
    opened = await stage.world.mod.select(stage.alert(token), ["note"])
    (field,) = (opened.modal or {})["components"]
    await stage.world.mod.submit_modal(opened, {field["component"]["custom_id"]: "Wrote to its owner."})
    await stage.world.bot.notifier.deliver_due()
    await stage.live.publish()
    await stage.picture("phone-alert-actions", stage.alert_on_page(token).last)


async def _fleet(stage: Stage) -> None:
    await stage.play_until(24)
    await stage.picture("board", stage.card(texts.board.TITLE))
    await stage.type("token list")
    await stage.picture("token-list", stage.card(texts.fleet.TITLE))
    await stage.type("token show", token=str(SHORT_TOKEN))
    await stage.picture("token-show", stage.card(str(SHORT_TOKEN)).last)
    await stage.type("token history", token=str(STEADY_TOKEN))
    await stage.picture("token-history", stage.card(str(STEADY_TOKEN)).last)
    await stage.type("token history", days=365)
    await stage.picture("fleet-history", stage.card("last 365 days"))
    await stage.play_until(62)
    await stage.picture("digest", stage.card(texts.digest.TITLE))
    await stage.play_until(85)
    await stage.picture("alert-run-out", stage.alert_on_page("will run out of fast hours"))


async def _fleet_on_a_phone(stage: Stage) -> None:
    await stage.play_until(24)
    await stage.type("token list")
    await stage.picture("phone-list", stage.card(texts.fleet.TITLE))
    await stage.type("token history", token=str(SHORT_TOKEN))
    await stage.picture("phone-history", stage.card(str(SHORT_TOKEN)).last)
    await stage.type("token show", token=str(LEAVING_TOKEN))
    await stage.picture("phone-show", stage.card(str(LEAVING_TOKEN)).last)


async def _team(stage: Stage) -> None:
    world = stage.world
    await stage.play_until(0.5)
    await stage.type("fleet owner", token=str(SHOP_TOKEN), member=world.mod)
    await stage.type("alerts rules set", rule="escalate_role", value=world.keepers.mention)
    await stage.type("alerts rules set", rule="escalate_after", value="5m")
    await world.monitor.poll_account()
    found = await stage.type("alerts setup", channel=world.channel, role=world.keepers)
    await stage.picture("alerts-setup", stage.messages(texts.buttons.REPORT_NOW))
    await stage.press(_answer(found), texts.buttons.REPORT_NOW)
    await stage.picture("alert-account", stage.alert_on_page("credits"), stage.alert_on_page("plan"))
    await stage.play_until(3.5)
    await _have_the_name_shown(stage)
    await stage.play_until(11.5)
    await stage.picture("alert-owner", stage.alert_on_page("must be verified"))
    await stage.picture("alert-capacity", stage.alert_on_page("every image is slow"))


async def _have_the_name_shown(stage: Stage) -> None:
    """Have somebody else write: Discord shows a name only above the first of several messages of one author."""
    await stage.world.member.send(stage.world.channel, "Is it slow for you, too?")


def _answer(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    if result.response is None:
        raise TypeError("the bot always answers")
    return result.response


if __name__ == "__main__":
    asyncio.run(main())
