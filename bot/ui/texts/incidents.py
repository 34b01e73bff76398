"""The alert of an incident, while it is open and after it has ended: its headline, its embed and its timeline."""

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incidents import CloseReason, TimelineEventType

# The first line, which a phone shows in its notification. {token} has its name, {status} is ImaginePro's own word.
TITLES = {
    AlertType.LEFT_FAST: "{sign} {token} is in {status}",
    AlertType.UNKNOWN_STATUS: "{sign} {token} is in {status}",
    AlertType.VERIFYING: "{sign} {token} must be verified",
    AlertType.BANNED: "{sign} {token} is banned",
    AlertType.SWITCHED_OFF: "{sign} {token} is switched off",
    AlertType.NOT_LISTED: "{sign} {token} is no longer listed",
    AlertType.LOW: "🪫 {token} is low on fast hours",
    AlertType.VERY_LOW: "🪫 {token} has almost no fast hours left",
    AlertType.WILL_NOT_LAST: "📉 {token} will run out of fast hours",
    AlertType.RUNS_OUT_SOON: "📉 {token} will run out of fast hours soon",
    AlertType.NO_DATA: "🙈 {cause}: token status is unknown",
}
TITLE_FLAPPING = "🔁 {token} left FAST {times} times in {duration}, in {status} right now"
TITLE_GROUP = {
    IncidentType.MODE: "{sign} **{number} tokens** out of FAST: {tally}",
    IncidentType.LOW_FAST_TIME: "🪫 **{number} tokens** are low on fast hours: {tally}",
    IncidentType.RUN_OUT: "📉 **{number} tokens** will run out of fast hours before they return",
}
TITLE_GROUP_SOME_BACK = {
    IncidentType.MODE: "{sign} **{out} of {number} tokens** still out of FAST: {tally}",
    IncidentType.LOW_FAST_TIME: "🪫 **{out} of {number} tokens** still low on fast hours: {tally}",
    IncidentType.RUN_OUT: "📉 **{out} of {number} tokens** will still run out of fast hours",
}
TITLE_GROUP_FLAPPING = "🔁 **{number} tokens** keep leaving FAST, all in FAST right now"
# How bad it is for the team.
STILL_IN_FAST = "{title} · {number} of {total} in FAST"
NONE_IN_FAST = "{title} · **no token is in FAST**"

# What has been wrong with a token. {status} is ImaginePro's own word.
WAS = {
    AlertType.LEFT_FAST: "was in {status}",
    AlertType.UNKNOWN_STATUS: "was in {status}",
    AlertType.VERIFYING: "had to be verified",
    AlertType.BANNED: "was banned",
    AlertType.SWITCHED_OFF: "was switched off",
    AlertType.NOT_LISTED: "was not listed",
    AlertType.LOW: "was low on fast hours",
    AlertType.VERY_LOW: "had almost no fast hours",
    AlertType.WILL_NOT_LAST: "was going to run out of fast hours",
    AlertType.RUNS_OUT_SOON: "was about to run out of fast hours",
}
WAS_OUT = "was out of FAST"
TITLE_OVER = "🟢 {token} {was} for {duration}"
TITLE_OVER_WORST = "🟢 {token} was out of FAST for {duration}, {worst} for {worst_duration} of it"
TITLE_OVER_FLAPPING = "🟢 {token} left FAST {times} times in {duration}"
TITLE_OVER_UNLISTED = "⚪ {token} {was} for {duration}, and is no longer listed"
TITLE_OVER_NO_DATA = "🟢 Token status was unknown for {duration}"
TITLE_OVER_GROUP = {
    IncidentType.MODE: "🟢 **{number} tokens** were out of FAST: {tally}",
    IncidentType.LOW_FAST_TIME: "🟢 **{number} tokens** were low on fast hours",
    IncidentType.RUN_OUT: "🟢 **{number} tokens** were going to run out of fast hours",
}
TITLE_CLOSED = "⚪ Closed: {token} {was}"
TITLE_CLOSED_NO_DATA = "⚪ Closed: token status was unknown"
TITLE_CLOSED_GROUP = {
    IncidentType.MODE: "⚪ Closed: **{number} tokens** were out of FAST",
    IncidentType.LOW_FAST_TIME: "⚪ Closed: **{number} tokens** were low on fast hours",
    IncidentType.RUN_OUT: "⚪ Closed: **{number} tokens** were going to run out of fast hours",
}

# What is left of a token that is out of use.
LOCKED = "{left} locked"
MAY_RUN_OUT = "{left}, may run out {when}"
# What to do, and who. What the owner of a token must do is in `owners`.
ADVICE = {
    AlertType.LEFT_FAST: "Its owner can set it to FAST.",
    AlertType.UNKNOWN_STATUS: "This status is unknown. Look at ImaginePro's dashboard.",
    AlertType.SWITCHED_OFF: "It was switched off at ImaginePro.",
    AlertType.NOT_LISTED: "It was removed or unlinked at ImaginePro.",
    AlertType.LOW: "Its owner can buy more.",
    AlertType.VERY_LOW: "Its owner can buy more.",
    AlertType.WILL_NOT_LAST: "Use less or buy more.",
    AlertType.RUNS_OUT_SOON: "Use less or buy more.",
}
ADVICE_EMPTY = "Its owner can buy more."
ADVICE_SWITCHED_OFF = "{member} switched it off."
ADVICE_FLAPPING = "No ping unless it gets worse."
ADVICE_NO_DATA = "{advice} `/status` shows more."
UNREAD = "⏳ Last read {when}; it may have changed since."
UNREAD_GROUP = "⏳ {number} of these tokens were last read {when}; they may have changed since."
ASSIGNED = "🙋 {member} is on it, {when}"
ASSIGNED_TIME_UNKNOWN = "🙋 {member} is on it"
ACKNOWLEDGED = "👀 {member}, {when}"
MUTED_UNTIL = "🔕 Muted until {until} by {member}"
MUTED_UNTIL_BACK = "🔕 Muted until it is resolved, by {member}"
# Beside the time at which it began.
OUT_SINCE = "out of FAST since"
SINCE = "since"

PERIOD = "{began} to {ended}"
OVER_NO_DATA = "{period}. Alerts for what changed meanwhile follow."
OVER_CLOSED_BECAUSE = {
    CloseReason.ALERTS_OFF: (
        "Alerts were switched off by {member}. This message is not updated any more. After `/alerts setup` there is a "
        "new alert if it is still so."
    ),
    CloseReason.NOT_CONNECTED: "This server is not connected any more, so this message is not updated any more.",
    CloseReason.NOT_WATCHED: "{member} stopped watching it, so this message is not updated any more.",
    CloseReason.NOT_READ: (
        "This key cannot list tokens, and no watched message covers this alert, so it is not updated any more. "
        "Use `/alerts watch` to watch a message."
    ),
    CloseReason.RULE_OFF: "The rule for such alerts was switched off, so this message is not updated any more.",
}
OVER_CLOSED = {
    IncidentType.MODE: "{member} closed it after {duration}. You are not notified when it is back.",
    IncidentType.LOW_FAST_TIME: "{member} closed it after {duration}. You are not notified when hours return.",
    IncidentType.RUN_OUT: "{member} closed it after {duration}. You are not notified when hours return.",
    IncidentType.CREDITS: "{member} closed it after {duration}. You are not notified when there are credits again.",
    IncidentType.PLAN_END: "{member} closed it after {duration}. You are not notified when the plan is renewed.",
}

MEMBER = "{sign} **{token}** · {status} · {since}"
MEMBER_LOW = "🪫 **{token}** · {fast_time}"
MEMBER_FORECAST = "📉 **{token}** · {fast_time}"
MEMBER_GONE_BY = "📉 **{token}** · {fast_time}, may run out {gone}"
MEMBER_OVER = "🟢 **{token}** · {was} for {duration}"
MEMBER_CLOSED = "⚪ **{token}** · {was}"
MEMBER_UNLISTED = "⚪ **{token}** · no longer listed"

# How many tokens of a group are how, where that takes more than ImaginePro's word.
TALLY = "{number} {what}"
TALLY_KINDS = {
    AlertType.LOW: "low",
    AlertType.VERY_LOW: "almost empty",
    AlertType.WILL_NOT_LAST: "will run out",
    AlertType.RUNS_OUT_SOON: "will run out soon",
}

FIELD_TIMELINE = "Timeline"
TIMELINE = {
    TimelineEventType.STARTED: "{when} {token}{what}",
    TimelineEventType.CHANGED: "{when} {token}{what}",
    TimelineEventType.RECOVERED: "{when} {token}{what}",
    TimelineEventType.ACKNOWLEDGED: "{when} acknowledged by {member}",
    TimelineEventType.UNACKNOWLEDGED: "{when} unacknowledged by {member}",
    TimelineEventType.ASSIGNED: "{when} {member} is on it",
    TimelineEventType.THREAD: "{when} thread opened by {member}",
    TimelineEventType.NOTE: "{when} {member}: {note}",
    TimelineEventType.ESCALATED: "{when} escalated: nobody had acknowledged it",
    TimelineEventType.MUTED: "{when} muted by {member} {until}",
    TimelineEventType.UNMUTED: "{when} unmuted by {member}",
    TimelineEventType.CLOSED: "{when} closed by {member}",
    TimelineEventType.ALERTS_OFF: "{when} alerts switched off by {member}",
    TimelineEventType.NOT_CONNECTED: "{when} server not connected any more",
    TimelineEventType.NOT_WATCHED: "{when} {token}not watched any more, by {member}",
    TimelineEventType.NOT_READ: "{when} {token}not read any more",
    TimelineEventType.RULE_OFF: "{when} rule switched off",
}
TIMELINE_LEFT = "left FAST · {status}"
TIMELINE_WENT_ON = "now {status}"
TIMELINE_KINDS = {
    AlertType.LOW: "low on fast hours",
    AlertType.VERY_LOW: "almost no fast hours left",
    AlertType.WILL_NOT_LAST: "will run out of fast hours before they return",
    AlertType.RUNS_OUT_SOON: "will run out of fast hours soon",
    AlertType.NO_DATA: "no token could be read",
    AlertType.NONE_IN_FAST: "no token in FAST",
    AlertType.FEW_IN_FAST: "too few tokens in FAST",
    AlertType.FEW_HOURS: "too few usable fast hours",
    AlertType.LOW_CREDITS: "low on credits",
    AlertType.PLAN_ENDS: "plan ends within 7 days",
    AlertType.PLAN_ENDS_SOON: "plan ends within a day",
    AlertType.PLAN_ENDED: "plan ended",
    AlertType.VERIFYING: "must be verified",
    AlertType.BANNED: "banned",
    AlertType.SWITCHED_OFF: "switched off",
    AlertType.NOT_LISTED: "no longer listed",
}
TIMELINE_TOKENS = "{tokens}: "
TIMELINE_BACK = {
    IncidentType.MODE: "back in FAST",
    IncidentType.LOW_FAST_TIME: "enough fast hours again",
    IncidentType.RUN_OUT: "enough fast hours until they return",
    IncidentType.NO_DATA: "tokens are read again",
    IncidentType.CAPACITY: "enough again",
    IncidentType.CREDITS: "enough credits again",
    IncidentType.PLAN_END: "plan renewed",
}
UNTIL = "until {until}"
UNTIL_BACK = "until it is resolved"
