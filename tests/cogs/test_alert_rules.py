"""Mutes and rules: what a moderator mutes, for how long, and which rules decide when a server is notified."""

from datetime import datetime, time, timedelta
from typing import Any

import discord
import pytest
from sqlalchemy import delete

from bot.app.services import Services
from bot.domain.rules import Rules
from bot.storage.audit import Action, latest_entries
from bot.storage.schema import tokens
from bot.storage.server_settings import rules_of
from tests.cases import first_quick
from tests.cogs.driving import MINUTE, Team, command, set_rules, text_of
from tests.cogs.server import HOME, SECOND_HOME, Server, card, fields, refused
from tests.standins.imaginepro_server import linked_token
from tests.titles import title_of
from tests.ui.hostile import live_parts

pytestmark = pytest.mark.usefixtures("nothing_unexpected_is_logged")
HOUR = timedelta(hours=1)


# --- Mute


async def test_a_muted_token_is_alerted_when_the_mute_ends_if_still_affected(team: Team) -> None:
    until = team.now + 3600
    said = text_of(await command(team.server, "mute", duration="1h", token="111", include_urgent=True))
    assert said == (
        f"🔕 Muted until <t:{until}:f> (<t:{until}:R>): token 111. Urgent alerts are muted too. "
        "After that you get alerts for what is still wrong, and a summary of what is over. Use `/alerts unmute` to "
        "end it."
    )

    team.set_status("BANNED", 111, 222)
    assert [title_of(one) for one in await team.rounds(2)] == ["🔴 **Token 222** is banned"]
    assert len(await team.later(57 * MINUTE)) == 1
    _, late = await team.later(MINUTE)
    assert title_of(late) == "🔴 **Token 111** is banned"
    assert team.server.pings(late) == [team.server.keepers.id]


async def test_an_incident_resolved_before_the_mute_ended_is_one_silent_line(team: Team) -> None:
    await command(team.server, "mute", duration="1h", include_urgent=True)
    team.set_status("BANNED", 111)
    team.set_status("RELAX", 222)
    await team.rounds(2)
    team.set_status("FAST", 111, 222)
    assert await team.rounds(2) == []

    (line,) = await team.later(HOUR)
    assert line.content.splitlines()[0] == "Already over:"
    assert [words.split(": ")[1] for words in line.content.splitlines()[1:]] == [
        "**Token 111** was banned for 2 min, and is back in FAST.",
        "**Token 222** was in RELAX for 2 min, and is back in FAST.",
    ]
    assert line.flags.silent
    assert team.server.pings(line) == []


async def test_unmute_posts_deferred_alerts_at_once(team: Team) -> None:
    await command(team.server, "mute", duration="30d", include_urgent=True)
    team.set_status("BANNED")
    assert await team.rounds() == []

    assert text_of(await command(team.server, "unmute")) == (
        "🔔 No longer muted: all alerts. Alerts for what is still wrong follow."
    )
    assert [title_of(one) for one in await team.server.deliver()] == ["🔴 **Token 111** is banned"]
    assert "Muted" not in await team.shown()


async def test_unmuting_an_unmuted_token_lists_the_mutes(team: Team) -> None:
    assert text_of(await command(team.server, "unmute")) == "Not muted: all alerts."
    await command(team.server, "mute", duration="8h", token="111")
    await command(team.server, "mute", duration="8h", token="222")

    assert text_of(await command(team.server, "unmute")) == (
        "Not muted: all alerts.\nStill muted: token 111, token 222."
    )
    assert text_of(await command(team.server, "unmute", token="111")) == (
        "🔔 No longer muted: token 111. Alerts for what is still wrong follow.\nStill muted: token 222."
    )


async def test_a_shorter_mute_replaces_a_longer_one(team: Team) -> None:
    await command(team.server, "mute", duration="8h", token="111", include_urgent=True)
    team.set_status("BANNED")
    assert await team.rounds() == []
    await command(team.server, "mute", duration="10m", token="111", include_urgent=True)
    await team.server.deliver()

    assert len(await team.later(10 * MINUTE)) == 1


async def test_a_posted_alert_is_updated_silently_while_muted(team: Team) -> None:
    await team.out()
    await command(team.server, "mute", duration="8h", token="111", include_urgent=True)
    team.set_status("BANNED")
    (shown,) = await team.rounds()
    assert title_of(shown) == "🔴 **Token 111** is banned"
    assert len(await team.later(2 * HOUR)) == 1
    team.set_status("FAST")
    (shown,) = await team.rounds(2)
    assert title_of(shown) == "🟢 **Token 111** was out of FAST for 2 h 3 min, banned for 2 h 1 min of it"


async def test_a_mute_shows_its_escaped_reason_and_author(team: Team) -> None:
    hostile = f"*Moving*\n@everyone <@&{team.server.keepers.id}> [x](https://evil.invalid) \u202e\u200b`"
    await command(team.server, "mute", duration="2d", token="111", reason=hostile)
    shown = (await team.shown())["Muted"]
    mute, reason = shown.split(": ", 1)

    assert mute == f"🔕 token 111 until <t:{team.now + 2 * 86400}:f>, by {team.server.mod.mention}"
    assert reason.startswith("\\*Moving\\* @\u2060everyone")
    assert live_parts(reason) == []
    assert not {"\n", "\u202e", "\u200b"} & set(reason)


@pytest.mark.slow
async def test_a_mute_without_an_end_or_too_long_is_refused(team: Team) -> None:
    for duration in ("", "soon", "59s", "31d", "0m", "-1h", "999999d", "30"):
        assert refused(team.server, await command(team.server, "mute", duration=duration)) == (
            "A mute lasts from 1 minute to 30 days. Enter a number and a unit, such as 30m, 8h or 2d."
        ), duration
    assert "Muted" not in await team.shown()


@pytest.mark.parametrize("duration", ["1m", "60s", "30d"])
async def test_a_mute_may_last_from_a_minute_to_thirty_days(team: Team, duration: str) -> None:
    assert text_of(await command(team.server, "mute", duration=duration)).startswith("🔕 Muted until")


async def test_a_reason_has_its_limit(team: Team) -> None:
    answer = await command(team.server, "mute", duration="1h", reason="x" * 201)

    assert refused(team.server, answer) == "A reason has at most 200 characters. Enter a shorter one."
    assert text_of(await command(team.server, "mute", duration="1h", reason="x" * 200)).startswith("🔕 Muted until")


@pytest.mark.parametrize("name", ["mute", "unmute"])
async def test_only_a_token_of_this_account_can_be_muted(team: Team, name: str) -> None:
    options: dict[str, Any] = {"duration": "1h"} if name == "mute" else {}

    answer = await command(team.server, name, token="999", **options)
    assert refused(team.server, answer).startswith("No token of this account has that name or number.")


async def test_a_mute_before_setup_says_what_to_do(second_server: Server) -> None:
    assert refused(second_server, await command(second_server, "mute", duration="1h")).startswith(
        "Alerts are not set up"
    )


async def test_a_mute_applies_to_one_server_only(team: Team, second_server: Server) -> None:
    await second_server.set_up()
    await command(team.server, "mute", duration="8h", include_urgent=True)
    await team.monitor.round()
    team.set_status("BANNED")
    await team.rounds()

    assert team.server.alerts.history() == []
    assert len(second_server.alerts.history()) == 1


async def test_all_tokens_are_suggested_for_mute_and_muted_ones_for_unmute(team: Team) -> None:
    offer = team.server.mod.autocomplete
    await command(team.server, "mute", duration="8h", token="333")
    await command(team.server, "mute", duration="8h")

    assert [one["value"] for one in await offer(team.server.talk, "alerts mute", "token", "33")] == ["333"]
    assert len(await offer(team.server.talk, "alerts mute", "token", "")) == 6
    assert [one["value"] for one in await offer(team.server.talk, "alerts unmute", "token", "")] == ["333"]


@pytest.mark.parametrize("name", first_quick(["mute", "unmute", "route", "unroute"]))
async def test_members_get_no_suggestions(team: Team, name: str) -> None:
    await command(team.server, "mute", duration="8h", token="111")
    await command(team.server, "route", token="111", channel=team.server.talk)
    await team.server.show_commands_to(team.server.member)

    assert await team.server.member.autocomplete(team.server.talk, f"alerts {name}", "token", "") == []


async def test_mutes_are_audited(team: Team, services: Services) -> None:
    await command(team.server, "mute", duration="8h", token="111")
    await command(team.server, "mute", duration="8h")
    await command(team.server, "unmute", token="111")
    await command(team.server, "unmute", token="111")
    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=3)

    assert [(entry.action, entry.target) for entry in entries] == [
        (Action.UNMUTED, "token 111"),
        (Action.MUTED, "all alerts"),
        (Action.MUTED, "token 111"),
    ]


# --- Rules


async def rules_shown(server: Server) -> list[str]:
    answer = await command(server, "rules show")
    assert answer.ephemeral
    return [line for value in fields(card(answer)).values() for line in value.splitlines()]


async def numbers(services: Services, server_id: int = HOME) -> Rules:
    async with services.database.reading() as connection:
        return await rules_of(connection, server_id)


async def test_the_rules_show_their_effect_and_what_differs_from_the_default(team: Team) -> None:
    assert "`confirm_leaving` Alert after **2 readings** in a row out of FAST" in await rules_shown(team.server)

    await set_rules(team.server, confirm_leaving=3, reminders="30m, 1h30m", low="never")
    shown = await rules_shown(team.server)
    assert [line for line in shown if "default" in line] == [
        "`confirm_leaving` Alert after **3 readings** in a row out of FAST (default: 2 readings)",
        "`low` No first warning about low fast hours (default: 20 %)",
        "`reminders` Remind after **30 min, 1 h 30 min** while nobody has acknowledged an alert "
        "(default: 1 h, 6 h, 1 d)",
    ]


async def test_every_rule_can_be_set_and_reset(team: Team, services: Services) -> None:
    await set_rules(
        team.server,
        confirm_leaving=3,
        confirm_urgent=2,
        confirm_back=4,
        low="30 %",
        very_low=10,
        reminders="none",
        no_data_after="10 min",
        flapping_after=5,
        flapping_within="2 hours",
        group_from=4,
        run_out="off",
        min_fast="2 tokens",
        min_hours=40,
        low_credits="20 %",
        plan_end="off",
        escalate_after="30m",
        escalate_role=f"<@&{team.server.keepers.id}>",
        quiet_hours="22:00-07:00",
    )
    assert await numbers(services) == Rules(
        confirm_leaving=3,
        confirm_urgent=2,
        confirm_back=4,
        low=30,
        very_low=10,
        reminders=(),
        escalate_after=timedelta(minutes=30),
        escalate_role=team.server.keepers.id,
        quiet_hours=(time(22), time(7)),
        no_data_after=timedelta(minutes=10),
        flapping_after=5,
        flapping_within=2 * HOUR,
        group_from=4,
        run_out=False,
        min_fast=2,
        min_hours=40,
        low_credits=20,
        plan_end=False,
    )
    assert await numbers(services, SECOND_HOME) == Rules()

    assert text_of(await command(team.server, "rules reset", rule="low")) == (
        "Changed:\n`low` Warn below **20 %** of the plan's fast hours (before: 30 %)"
    )
    said = text_of(await command(team.server, "rules reset")).splitlines()
    assert len(said) == 18
    assert "`very_low` Warn again below **5 %** of the plan's fast hours (before: 10 %)" in said
    assert await numbers(services) == Rules()


async def test_a_change_is_confirmed_and_so_is_no_change(team: Team) -> None:
    change: dict[str, Any] = {"rule": "no_data_after", "value": "1h"}

    assert text_of(await command(team.server, "rules set", **change)) == (
        "Changed:\n`no_data_after` Alert after **1 h** without a usable response (before: 5 min)"
    )
    assert text_of(await command(team.server, "rules set", **change)) == (
        "Nothing to change: `no_data_after` is already 1 h."
    )
    await command(team.server, "rules reset")
    assert text_of(await command(team.server, "rules reset", rule="no_data_after")) == (
        "Nothing to change: `no_data_after` is already 5 min."
    )
    assert text_of(await command(team.server, "rules reset")) == (
        "Nothing to change: every rule has its default value."
    )


@pytest.mark.parametrize(
    ("rule", "value", "sentence"),
    [
        ("confirm_leaving", "0", "The value of `confirm_leaving` must be 1 to 10 readings. It is still 2 readings."),
        ("no_data_after", "soon", "The value of `no_data_after` must be 1 min to 1 d. It is still 5 min."),
        ("group_from", "99", "The value of `group_from` must be 2 to 25 tokens. It is still 3 tokens."),
        ("escalate_role", "<@&5>", "The value of `escalate_role` must be a role, or none. It is still none."),
        (
            "escalate_role",
            str(HOME),
            "Alerts cannot ping @everyone. Choose the role of the people who look after the tokens.",
        ),
        (
            "quiet_hours",
            "22:00",
            "The value of `quiet_hours` must be two times of day, such as 22:00-07:00, or none. It is still none.",
        ),
        ("everything", "1", "There is no such rule. Choose one from the list."),
    ],
)
async def test_invalid_input_is_refused_with_one_sentence_and_changes_nothing(
    team: Team, services: Services, rule: str, value: str, sentence: str
) -> None:
    answer = await command(team.server, "rules set", rule=rule, value=value)

    assert refused(team.server, answer) == sentence
    assert await numbers(services) == Rules()


async def test_a_reset_that_would_misorder_the_thresholds_is_refused(team: Team, services: Services) -> None:
    await set_rules(team.server, very_low=2, low=4)

    assert refused(team.server, await command(team.server, "rules reset", rule="very_low")).startswith(
        "`very_low` must be below `low`"
    )
    assert await numbers(services) == Rules(low=4, very_low=2)


async def test_rules_and_values_are_suggested_as_set_in_this_server(team: Team) -> None:
    async def offered(option: str, typed: str, **filled: str) -> list[dict[str, Any]]:
        return await team.server.mod.autocomplete(team.server.talk, "alerts rules set", option, typed, **filled)

    await set_rules(team.server, low=10)

    assert len(await offered("rule", "")) == 18
    assert (await offered("rule", "low"))[0] == {
        "name": "low · Warn below 10 % of the plan's fast hours",
        "value": "low",
    }
    assert (await offered("value", "", rule="low"))[:2] == [
        {"name": "10 % · current · allowed: 1 % to 90 %, or never", "value": "10 %"},
        {"name": "20 % · default", "value": "20 %"},
    ]
    assert await offered("value", "33", rule="low") == [{"name": "33 %", "value": "33 %"}]
    assert await offered("value", "") == []
    assert await offered("value", "", rule="nothing") == []


# --- The digest


async def digest_said(server: Server, **options: Any) -> list[str]:
    return text_of(await command(server, "digest", **options)).splitlines()


def next_one(at: str) -> str:
    return f"The next one is due on <t:{int(datetime.fromisoformat(at).timestamp())}:F>."


async def test_the_digest_reply_says_when_the_next_one_is_posted(team: Team) -> None:
    assert await digest_said(team.server) == [
        "The digest is off. Choose a day with `/alerts digest` to get it at 09:00, UTC time."
    ]

    # It is Monday, noon in UTC, and 13:00 in Berlin.
    assert (await digest_said(team.server, day="monday"))[-1] == next_one("2026-03-09T09:00Z")
    assert (await digest_said(team.server, hour=14))[-1] == next_one("2026-03-02T14:00Z")
    assert await digest_said(team.server, time_zone="europe/berlin") == [
        "The digest is posted every Monday at 14:00, Europe/Berlin time.",
        next_one("2026-03-02T13:00Z"),
    ]
    assert (await digest_said(team.server, day="daily", hour=0))[-1] == next_one("2026-03-02T23:00Z")
    assert await digest_said(team.server) == [
        "The digest is posted every day at 00:00, Europe/Berlin time.",
        next_one("2026-03-02T23:00Z"),
    ]
    assert len(await digest_said(team.server, day="off")) == 1


async def test_a_digest_needs_alerts_and_says_so(second_server: Server) -> None:
    said = await digest_said(second_server, day="daily")
    assert said[-1] == "It starts once alerts are set up: use `/alerts setup`."

    await second_server.set_up()
    assert (await digest_said(second_server))[-1] == next_one("2026-03-03T09:00Z")


@pytest.mark.parametrize(
    "options", first_quick([{"day": "daily"}, {"day": "monday"}, {"hour": 11}, {"time_zone": "Asia/Tokyo"}])
)
async def test_enabling_or_changing_a_digest_does_not_post_past_periods(team: Team, options: dict[str, Any]) -> None:
    if "day" not in options:
        await digest_said(team.server, day="daily", hour=13)
        await team.monitor.round()
    await digest_said(team.server, **options)

    assert await team.rounds(3) == []


@pytest.mark.slow
async def test_setting_the_same_value_or_a_rule_leaves_the_digest_alone(team: Team) -> None:
    await digest_said(team.server, day="daily", hour=13)
    team.clock.advance(HOUR)
    await digest_said(team.server, day="daily", hour=13, time_zone="utc")
    await set_rules(team.server, low=10)
    await command(team.server, "rules reset")

    assert len(await team.rounds()) == 1


@pytest.mark.slow
async def test_a_digest_is_posted_to_the_alert_channel_without_a_ping(team: Team) -> None:
    await digest_said(team.server, day="monday", hour=13)
    assert await team.later(HOUR - MINUTE) == []
    (digest,) = await team.later(MINUTE)

    assert digest.content.startswith("📊 The tokens from <t:")
    assert digest.flags.silent
    assert team.server.pings(digest) == []
    assert title_of(digest) == "📊 Digest"
    assert len(await team.later(MINUTE)) == 1


async def test_a_pending_digest_is_not_sent_once_disabled(team: Team) -> None:
    await digest_said(team.server, day="daily", hour=13)
    await command(team.server, "mute", duration="2h")
    assert await team.later(HOUR) == []
    await digest_said(team.server, day="off")
    await command(team.server, "unmute")

    assert await team.server.deliver() == []


async def test_an_invalid_time_zone_is_refused_with_one_sentence_and_changes_nothing(
    team: Team, services: Services
) -> None:
    for zone in ("Mars/Olympus", "Berlin", "", "../UTC"):
        answer = await command(team.server, "digest", day="daily", time_zone=zone)
        assert refused(team.server, answer) == (
            "This time zone is unknown. Choose one from the list, such as Europe/Berlin."
        )
    assert await numbers(services) == Rules()


async def test_time_zones_are_suggested_with_their_current_time(team: Team) -> None:
    async def offered(typed: str) -> list[dict[str, Any]]:
        return await team.server.mod.autocomplete(team.server.talk, "alerts digest", "time_zone", typed)

    assert (await offered("berl"))[0] == {"name": "Europe/Berlin · 13:00", "value": "Europe/Berlin"}
    assert [one["value"] for one in await offered("")][:2] == ["UTC", "America/Los_Angeles"]
    assert len(await offered("america")) == 25
    assert await offered("nowhere") == []


# --- Rules


async def test_the_rules_decide_what_is_alerted(team: Team) -> None:
    await set_rules(team.server, confirm_leaving=3, group_from=2, reminders="5m")
    team.set_status("RELAX", 111, 222)
    assert await team.rounds(2) == []
    (alert,) = await team.rounds()

    assert title_of(alert) == "🟡 **2 tokens** out of FAST: 2 RELAX"
    assert len(await team.later(5 * MINUTE)) == 2


async def test_a_new_reminder_rule_applies_to_open_alerts_from_then_on(team: Team) -> None:
    team.set_status("RELAX")
    assert len(await team.rounds(2)) == 1
    assert len(await team.later(HOUR)) == 2
    for reminders in ("none", "1h, 2h", "30m, 1h, 3h"):
        await set_rules(team.server, reminders=reminders)
        assert len(await team.rounds(2)) == 2

    assert len(await team.later(2 * HOUR)) == 3


async def test_changes_are_audited_and_views_are_not(team: Team, services: Services) -> None:
    await rules_shown(team.server)
    await digest_said(team.server)
    await set_rules(team.server, confirm_leaving=3, reminders="1h, 2h")
    await digest_said(team.server, day="monday", hour=17)
    await command(team.server, "rules reset")
    await set_rules(team.server, low=20)
    await digest_said(team.server, day="monday")
    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=5)

    assert [(entry.action, entry.target) for entry in entries] == [
        (Action.RULES_SET, "confirm_leaving 2 readings, reminders 1 h, 6 h, 1 d"),
        (Action.DIGEST_SET, "every Monday, 17:00, UTC"),
        (Action.RULES_SET, "reminders 1 h, 2 h"),
        (Action.RULES_SET, "confirm_leaving 3 readings"),
        (Action.ALERTS_SET_UP, team.server.alerts.mention),
    ]


@pytest.mark.slow
async def test_audit_entries_fit_however_much_was_set(team: Team, services: Services) -> None:
    many = ", ".join(f"{hours}h59m" for hours in range(100, 105))
    await set_rules(team.server, reminders=many)
    async with services.database.reading() as connection:
        (entry,) = await latest_entries(connection, HOME, most=1)
    assert entry.target == "reminders 4 d 4 h 59 min, 4 d 5 h 59 min, 4 d 6 h 59 min, 4 d 7 h 59 min, 4 d 8 h 59 min"

    await set_rules(team.server, confirm_leaving=3, confirm_urgent=3, confirm_back=3, group_from=9, low=19)
    await command(team.server, "rules reset")
    async with services.database.reading() as connection:
        (entry,) = await latest_entries(connection, HOME, most=1)

    assert len(entry.target) == 100
    assert entry.target.endswith("…")


# --- Channels of single tokens


async def test_a_token_with_its_own_channel_is_alerted_there_and_pings_its_own_role(team: Team) -> None:
    server = team.server
    owners = server.guild.create_role("Owners", mentionable=True)
    assert text_of(await command(server, "route", token="111", channel=server.talk, role=owners)) == (
        f"Alerts of token 111 now go to {server.talk.mention} and ping {owners.mention}.\nI can post there."
    )
    team.set_status("RELAX", 111, 222)
    (other,) = await team.rounds(2)
    (own,) = server.talk.history()

    assert other.content.startswith(f"{server.keepers.mention} 🟡 **Token 222** is in RELAX")
    assert own.content.startswith(f"{owners.mention} 🟡 **Token 111** is in RELAX")
    assert server.pings(own) == [owners.id]
    assert (await team.shown())["Channels of single tokens"] == (
        f"Alerts of token 111 go to {server.talk.mention} and ping {owners.mention}."
    )


async def test_a_token_whose_channel_was_removed_is_alerted_in_the_default_channel(team: Team) -> None:
    await command(team.server, "route", token="111", channel=team.server.talk)
    assert text_of(await command(team.server, "unroute", token="111")) == (
        "Alerts of token 111 now go to the server's alert channel again."
    )
    team.set_status("RELAX", 111)

    assert len(await team.rounds(2)) == 1
    assert team.server.talk.history() == []
    assert refused(team.server, await command(team.server, "unroute", token="111")) == (
        "Token 111 has no channel of its own. Use `/alerts show` to see the tokens that have one."
    )


async def test_deliveries_for_a_broken_channel_go_where_the_route_points_next(team: Team) -> None:
    server = team.server
    gone = server.guild.create_text_channel("gone")
    await command(server, "route", token="111", channel=gone)
    server.env.backend.delete_channel(gone.id)
    team.set_status("BANNED", 111)
    await team.rounds()
    assert (
        f"⚠️ I cannot post in {gone.mention}: the channel no longer exists"
        in ((await team.shown())["Channels of single tokens"])
    )

    said = text_of(await command(server, "route", token="111", channel=server.talk))
    assert "goes on where it is" not in said
    await server.deliver()
    restored, alert = server.talk.history()
    assert restored.content.startswith("✅ I can post alerts ")
    assert (restored.embeds[0].description or "").startswith(f"I could not post in {gone.mention} from")
    assert title_of(alert) == "🔴 **Token 111** is banned"


async def test_unroute_sends_what_waited_for_a_broken_channel(team: Team) -> None:
    server = team.server
    gone = server.guild.create_text_channel("gone")
    await command(server, "route", token="111", channel=gone)
    server.env.backend.delete_channel(gone.id)
    team.set_status("BANNED", 111)
    await team.rounds()
    before = len(server.alerts.history())
    await command(server, "unroute", token="111")

    restored, alert = (await server.deliver())[before:]
    assert restored.content.startswith("✅ I can post alerts ")
    assert (restored.embeds[0].description or "").startswith(f"I could not post in {gone.mention} from")
    assert alert.content.startswith(f"{server.keepers.mention} 🔴 **Token 111** is banned")


async def test_an_open_alert_stays_in_its_channel(team: Team) -> None:
    alert = await team.out()
    said = text_of(await command(team.server, "route", token="111", channel=team.server.talk))
    assert "Its open alert stays where it is." in said
    team.set_status("BANNED")
    shown, _ = await team.rounds()

    assert shown.id == alert.id
    assert team.server.talk.history() == []


async def test_a_tokens_channel_is_checked_like_the_servers(team: Team) -> None:
    server = team.server
    everyone = await command(server, "route", token="111", channel=server.talk, role=server.guild.default_role)
    assert refused(server, everyone).startswith("Alerts cannot ping @everyone.")
    unknown = await command(server, "route", token="999", channel=server.talk)
    assert refused(server, unknown).startswith("No token of this account has that name or number.")
    assert server.guild.me is not None
    nothing = discord.PermissionOverwrite(send_messages=False, mention_everyone=False)
    closed = server.guild.create_text_channel("closed", overwrites={server.guild.me: nothing})
    quiet = server.guild.create_role("Quiet", mentionable=False)

    said = text_of(await command(server, "route", token="111", channel=closed, role=quiet))
    assert f"I cannot post there yet. Give me these permissions in {closed.mention}: Send Messages" in said
    assert f"I cannot ping {quiet.mention}." in said


async def test_a_tokens_channel_needs_the_servers_first(team: Team, second_server: Server) -> None:
    answer = await command(second_server, "route", token="111", channel=second_server.talk)

    assert refused(second_server, answer).startswith("Alerts are not set up in this server yet.")


async def test_only_tokens_with_a_channel_are_suggested_for_unroute(team: Team) -> None:
    await command(team.server, "route", token="222", channel=team.server.talk)

    for name, offered in (("unroute", ["222"]), ("route", ["111", "222", "333", "444", "555", "666"])):
        choices = await team.server.mod.autocomplete(team.server.talk, f"alerts {name}", "token", "")
        assert [choice["value"] for choice in choices] == offered


async def test_a_deleted_token_can_still_be_unmuted_and_unrouted(team: Team, services: Services) -> None:
    await command(team.server, "mute", duration="8h", token="111")
    await command(team.server, "route", token="111", channel=team.server.talk)
    async with services.database.transaction() as connection:
        await connection.execute(delete(tokens).where(tokens.c.token_id == 111))

    assert "No longer muted: token 111" in text_of(await command(team.server, "unmute", token="111"))
    assert "now go to the server's alert channel again" in text_of(await command(team.server, "unroute", token="111"))


async def test_channels_are_audited(team: Team, services: Services) -> None:
    await command(team.server, "route", token="111", channel=team.server.talk)
    await command(team.server, "unroute", token="111")
    async with services.database.reading() as connection:
        entries = await latest_entries(connection, HOME, most=2)

    assert [(entry.action, entry.target) for entry in entries] == [
        (Action.TOKEN_UNROUTED, "111"),
        (Action.TOKEN_ROUTED, f"111: {team.server.talk.mention}"),
    ]


async def test_suggestions_are_limited_to_what_discord_accepts(team: Team) -> None:
    team.imaginepro.link(*(linked_token(token_id) for token_id in range(1000, 1100)))
    await team.monitor.round()

    assert len(await team.server.mod.autocomplete(team.server.talk, "alerts mute", "token", "10")) == 25
