"""What people see after a soak, and what is wrong with it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from bot.demo.documented_api import MADE_UP_EMAIL, made_up_secret
from bot.domain.alert_types import IncidentType
from bot.ui import texts
from tests.soak.logs import Causes, findings_of_logs
from tests.standins.discord_server import DiscordServer, Message, Pings
from tests.standins.imaginepro_server import ImagineProServer

_MORE = re.compile(re.escape(texts.alerts.MISSED_MORE).replace(r"\{number\}", r"(\d+)"))
_PLAIN = re.compile(r"(^|> )Alerts? (\d+|that are over by now: )")
_PLAIN_OVER = re.compile(r"Alert \d+ is over\b")
_PLAIN_SUMMARY = texts.plain_alerts.SUMMARY.partition("{")[0]
_PLAIN_MORE = re.compile(r" and (\d+) more")
_OVER_REPLY = (texts.alerts.PUSH_BACK[0], texts.alerts.PUSH_UNLISTED[IncidentType.LOW_FAST_TIME][0])
"""The prefixes of replies to resolved alerts."""
_OVER = (texts.incidents.TITLE_OVER[0], texts.incidents.TITLE_CLOSED[0])
"""The prefixes of titles of resolved alerts."""
_DATABASE = (texts.database.TITLE, texts.database.TITLE_OVER)
_DATABASE_REPLY = texts.database.REPLY_OVER.partition("{")[0]


@dataclass(frozen=True)
class StoredIncident:
    """An incident in the database at the end."""

    is_over: bool
    discord_message_id: int | None


@dataclass(frozen=True)
class Outcome:
    """The final state: alert channels with their roles, the channels of moderators, and everything behind them."""

    discord: DiscordServer
    imaginepro: ImagineProServer
    channels: Mapping[int, int]
    elsewhere: Sequence[int]
    incidents: Sequence[StoredIncident]
    waiting: int
    statuses: Sequence[int]
    logs: Sequence[Sequence[str]]
    causes: Causes
    files: bytes

    @property
    def messages(self) -> list[Message]:
        """Return the visible messages of the alert channels."""
        return [message for channel in self.channels for message in self.discord.messages(channel)]

    @property
    def living(self) -> list[Message]:
        """Return the alerts, one per incident, in full or in plain form."""
        others = _ids([*self.replies, *self.summaries, *self.notes, *self.outages])
        return [message for message in self.messages if message.id not in others]

    @property
    def replies(self) -> list[Message]:
        """Return the replies to alerts of all kinds."""
        return [message for message in self.messages if message.reference_id is not None]

    @property
    def ends(self) -> list[Message]:
        """Return the replies at the end of an incident."""
        return [message for message in self.replies if _says_over(message.content)]

    @property
    def calls(self) -> list[Message]:
        """Return the replies that ping: worsening, or a reminder."""
        others = _ids([*self.ends, *self.outage_ends])
        return [message for message in self.replies if message.id not in others]

    @property
    def summaries(self) -> list[Message]:
        """Return the summaries of incidents that could not be posted in time."""
        prefixes = (texts.alerts.MISSED, _PLAIN_SUMMARY)
        return [message for message in self.messages if message.content.startswith(prefixes)]

    @property
    def summarized(self) -> int:
        """Return how many incidents the summaries contain."""
        return sum(_lines_of(message) for message in self.summaries)

    @property
    def plain(self) -> list[Message]:
        """Return the messages in plain form."""
        return [message for message in self.messages if _PLAIN.search(message.content)]

    @property
    def notes(self) -> list[Message]:
        """Return the notes that a channel works again."""
        return [message for message in self.messages if message.content == texts.alerts.ROUTE_RESTORED]

    @property
    def outages(self) -> list[Message]:
        """Return the alerts that nothing could be recorded."""
        return [message for message in self.messages if _title_of(message) in _DATABASE]

    @property
    def outage_ends(self) -> list[Message]:
        """Return the replies that the database works again."""
        return [message for message in self.replies if message.content.startswith(_DATABASE_REPLY)]

    @property
    def notices(self) -> list[Message]:
        """Return what moderators were told."""
        return [message for channel in self.elsewhere for message in self.discord.messages(channel)]


def _ids(messages: Sequence[Message]) -> set[int]:
    return {message.id for message in messages}


def _title_of(message: Message) -> str:
    return str(message.embeds[0].get("title", "")) if message.embeds else ""


def _says_over(content: str) -> bool:
    return content.startswith(_OVER_REPLY) or _PLAIN_OVER.match(content) is not None


def _lines_of(summary: Message) -> int:
    if summary.content.startswith(_PLAIN_SUMMARY):
        more = _PLAIN_MORE.search(summary.content)
        return summary.content.count(",") + 1 + (int(more[1]) if more else 0)
    _, *lines = summary.content.splitlines()
    more_lines = [int(found[1]) for line in lines if (found := _MORE.fullmatch(line))]
    return len(lines) - len(more_lines) + sum(more_lines)


def findings(outcome: Outcome) -> list[str]:
    """Return everything that is wrong, in words; ideally nothing."""
    return [*_on_incidents(outcome), *_on_messages(outcome), *_on_outages(outcome), *_on_the_rest(outcome)]


def _on_incidents(outcome: Outcome) -> Iterator[str]:
    posted = Counter(one.discord_message_id for one in outcome.incidents if one.discord_message_id is not None)
    living = {message.id for message in outcome.living}
    for message_id, times in posted.items():
        if times > 1:
            yield f"Discord message {message_id} is that of {times} incidents"
    yield from (f"the Discord message {each} of an incident is not there" for each in posted.keys() - living)
    yield from (f"Discord message {each} is a second one of an incident" for each in living - posted.keys())
    untold = sum(one.discord_message_id is None for one in outcome.incidents)
    if untold != outcome.summarized:
        yield f"{untold} incidents have no Discord message, and {outcome.summarized} were summed up"
    if ongoing := sum(not one.is_over for one in outcome.incidents):
        yield f"{ongoing} incidents are not over"
    if outcome.waiting:
        yield f"{outcome.waiting} deliveries wait"


def _on_messages(outcome: Outcome) -> Iterator[str]:
    nonces = Counter(message.nonce for message in [*outcome.messages, *outcome.notices])
    yield from (f"the nonce {nonce} is visible {times} times" for nonce, times in nonces.items() if times > 1)
    ends = Counter(message.reference_id for message in outcome.ends)
    for message in outcome.living:
        title = _title_of(message) or message.content
        if not (title.startswith(_OVER) or _says_over(title)) or message.components:
            yield f"an alert does not look over: {title}"
        if ends[message.id] != 1:
            yield f"the end of an alert was said {ends[message.id]} times: {title}"
    news = _ids([*outcome.living, *outcome.calls, *outcome.outages])
    for message in outcome.messages:
        role = outcome.channels[message.channel_id]
        may_ping = ({Pings(), Pings(roles=frozenset({role}))}) if message.id in news else {Pings()}
        if message.pings not in may_ping:
            yield f"this must not have pinged {message.pings}: {message.content}"
        if message.id not in news and not message.silent:
            yield f"this must have been silent: {message.content}"
    yield from (f"a notice pinged {one.pings}: {one.content}" for one in outcome.notices if one.pings != Pings())


def _on_outages(outcome: Outcome) -> Iterator[str]:
    """Each outage of the database is alerted once in each channel at most, and its end is said once.

    It is not said at all if Discord does not accept the reply, and the process is killed after the edit.
    """
    for channel, times in Counter(message.channel_id for message in outcome.outages).items():
        if times > outcome.causes.outages:
            yield f"{outcome.causes.outages} outages of the database were alerted {times} times in {channel}"
    ends = Counter(message.reference_id for message in outcome.outage_ends)
    for message in outcome.outages:
        if _title_of(message) != texts.database.TITLE_OVER:
            yield f"an outage of the database does not look over: {message.embeds}"
        if ends[message.id] > 1:
            yield f"the end of an outage of the database was said {ends[message.id]} times"
    if (unsaid := len(outcome.outages) - len(ends)) > outcome.causes.kills:
        yield f"the ends of {unsaid} outages of the database were not said"


def _on_the_rest(outcome: Outcome) -> Iterator[str]:
    yield from outcome.discord.violations
    yield from (f"a process ended with status {status}" for status in outcome.statuses if status)
    yield from findings_of_logs(outcome.logs, outcome.causes)
    sent = json.dumps([request.body for request in outcome.discord.requests]).replace("\\", "")
    everything = "\n".join([*(line for log in outcome.logs for line in log), sent, outcome.files.decode("latin-1")])
    secrets = [outcome.discord.token, outcome.imaginepro.key, MADE_UP_EMAIL]
    secrets += [made_up_secret(token_id) for token_id in outcome.imaginepro.tokens]
    yield from (f"a secret got out: {secret}" for secret in secrets if secret in everything)
