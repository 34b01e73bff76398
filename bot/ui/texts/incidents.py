"""The embed of an incident, while it is open and after it has ended."""

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incidents import CloseReason, TimelineEventType
from bot.domain.modes import Mode

# What a mode means for the team, as far as ImaginePro documents it.
MEANINGS = {
    Mode.RELAX: "Its images now go through the slower relax queue.",
    Mode.VERIFYING: "It is inactive until its Midjourney account is verified.",
    Mode.BANNED: "ImaginePro reports its Midjourney account as banned.",
    Mode.OFF: "It is switched off at ImaginePro and gets no requests.",
    Mode.GONE: "ImaginePro no longer lists it: it was removed, or its account was unlinked.",
    Mode.OTHER: "ImaginePro reports a status that Fastwatch does not know.",
}
# What an alert is headed with, by its kind. {status} is ImaginePro's own word.
TITLES = {
    AlertType.LEFT_FAST: "{sign} Token {token} left FAST · {status}",
    AlertType.UNKNOWN_STATUS: "{sign} Token {token} left FAST · {status}",
    AlertType.VERIFYING: "{sign} Token {token} must be verified",
    AlertType.BANNED: "{sign} Token {token} is banned",
    AlertType.SWITCHED_OFF: "{sign} Token {token} was switched off",
    AlertType.NOT_LISTED: "{sign} Token {token} is no longer listed",
    AlertType.LOW: "🪫 Token {token} is low on fast hours",
    AlertType.VERY_LOW: "🪫 Token {token} has almost no fast hours left",
    AlertType.WILL_NOT_LAST: "📉 Token {token} will run out of fast hours before they return",
    AlertType.RUNS_OUT_SOON: "📉 Token {token} will run out of fast hours soon",
    AlertType.NO_DATA: "🙈 {cause}: token status is unknown",
}
TITLE_FLAPPING = "🔁 Token {token} keeps leaving FAST · {status}"
TITLE_GOT_WORSE = "{sign} Token {token} got worse · {status}"
TITLE_GROUP = {
    IncidentType.MODE: "{sign} {number} tokens left FAST",
    IncidentType.LOW_FAST_TIME: "🪫 {number} tokens are low on fast hours",
    IncidentType.RUN_OUT: "📉 {number} tokens will run out of fast hours before they return",
}
TITLE_GROUP_SOME_BACK = {
    IncidentType.MODE: "{sign} Still out of FAST: {out} of {number} tokens",
    IncidentType.LOW_FAST_TIME: "🪫 Still low on fast hours: {out} of {number} tokens",
    IncidentType.RUN_OUT: "📉 Still running out of fast hours: {out} of {number} tokens",
}
TITLE_GROUP_FLAPPING = "🔁 {number} tokens keep leaving FAST · all in FAST now"

TITLE_BACK = "🟢 Token {token} is back in FAST"
TITLE_GROUP_BACK = {
    IncidentType.MODE: "🟢 All {number} tokens are back in FAST",
    IncidentType.LOW_FAST_TIME: "🟢 All {number} tokens have enough fast hours again",
    IncidentType.RUN_OUT: "🟢 All {number} tokens have enough fast hours until they return",
}
TITLE_REFILLED = "🟢 Token {token} has enough fast hours again"
TITLE_LASTS = "🟢 Token {token} has enough fast hours until they return"
TITLE_UNLISTED = "⚪ Token {token} is no longer listed"
# The end of a group that includes tokens that are no longer listed.
TITLE_GROUP_UNLISTED = {
    IncidentType.LOW_FAST_TIME: "🟢 None of {number} tokens is low on fast hours any more",
    IncidentType.RUN_OUT: "🟢 None of {number} tokens will run out of fast hours any more",
}
TITLE_DATA_AGAIN = "🟢 Token status is known again"
TITLE_STABLE = "🟢 Token {token} stays in FAST"
TITLE_CLOSED = "⚪ Closed: token {token} · {status}"
TITLE_CLOSED_NO_DATA = "⚪ Closed: no data about the tokens"
TITLE_GROUP_CLOSED = "⚪ Closed: {number} tokens"

OVER = "It was out of FAST for **{duration}**, {began} to {ended}. Last status: {status}."
OVER_WORSE = "It was worse than before for **{duration}**, {began} to {ended}. Last status: {status}."
OVER_FAST_TIME = {
    IncidentType.LOW_FAST_TIME: "It was low on fast hours for **{duration}**, {began} to {ended}.",
    IncidentType.RUN_OUT: (
        "It was going to run out of fast hours before they return, for **{duration}**, {began} to {ended}."
    ),
}
OVER_SEVERAL = "From {began} to {ended}: **{duration}**."
OVER_FLAPPING = (
    "It left FAST **{times} times** between {began} and {ended}, "
    "and was out of it for **{duration}** in total. Last status: {status}."
)
OVER_NO_DATA = (
    "No token could be read for **{duration}**, {began} to {ended}. Alerts for what changed meanwhile follow."
)
OVER_UNLISTED = {
    IncidentType.LOW_FAST_TIME: (
        "It was low on fast hours for **{duration}**, {began} to {ended}. ImaginePro no longer lists it."
    ),
    IncidentType.RUN_OUT: (
        "It was going to run out of fast hours for **{duration}**, {began} to {ended}. ImaginePro no longer lists it."
    ),
}
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
}
OVER_CLOSED = {
    IncidentType.MODE: "{member} closed it after **{duration}**. You are not notified when it is back.",
    IncidentType.LOW_FAST_TIME: "{member} closed it after **{duration}**. You are not notified when hours return.",
    IncidentType.RUN_OUT: "{member} closed it after **{duration}**. You are not notified when hours return.",
}

FLAPPING = (
    "It leaves FAST too often for an alert each time. This message stays up to date. You are notified again when the "
    "token stays in FAST, or if it gets worse."
)
NO_DATA = (
    "No token could be read since {began} ({ago}). {advice}\n"
    "Alerts for what changes meanwhile follow as soon as tokens can be read. `/status` shows the last problem."
)
UNREAD = "⏳ Last read {when}; it may have changed since."
UNREAD_GROUP = "⏳ {number} of these tokens could not be read since {when}; they may have changed."
SWITCHED_OFF_BY = "{member} switched it off from Discord. It gets no requests until somebody switches it on again."

GONE_BY = "At the rate of the last days it may run out {at}, {ago}."
HOURS_RETURN = "Fast hours return {at}, {ago}."

FIELD_LEFT = "Left FAST"
FIELD_BEGAN = "Got worse"
FIELD_FAST_TIME = "Fast time"

FIELD_MUTED = "Muted"
MUTED_UNTIL = "until {until}, by {member}"
MUTED_UNTIL_BACK = "until it is resolved, by {member}"
FIELD_ACKNOWLEDGED = "Acknowledged"
ACKNOWLEDGED_BY = "by {member}, {when}"
FIELD_ASSIGNED = "On it"

MEMBER = "{sign} {token} · {status}, out since {since}"
MEMBER_LOW = "🪫 {token} · {fast_time}"
MEMBER_FORECAST = "📉 {token} · {fast_time}"
MEMBER_GONE_BY = "📉 {token} · {fast_time}, may run out {gone}"
MEMBER_BACK = "🟢 {token} · back after {duration}"
MEMBER_CLOSED = "⚪ {token} · {status}"
MEMBER_UNLISTED = "⚪ {token} · no longer listed"

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
    TimelineEventType.UNACKNOWLEDGED: "{when} acknowledgement taken back by {member}",
    TimelineEventType.ASSIGNED: "{when} {member} is on it",
    TimelineEventType.NOTE: "{when} {member}: {note}",
    TimelineEventType.MUTED: "{when} muted by {member} {until}",
    TimelineEventType.UNMUTED: "{when} unmuted by {member}",
    TimelineEventType.CLOSED: "{when} closed by {member}",
    TimelineEventType.ALERTS_OFF: "{when} alerts switched off by {member}",
    TimelineEventType.NOT_CONNECTED: "{when} server not connected any more",
    TimelineEventType.NOT_WATCHED: "{when} {token}not watched any more, by {member}",
    TimelineEventType.NOT_READ: "{when} {token}not read any more",
}
TIMELINE_LEFT = "left FAST · {status}"
TIMELINE_WENT_ON = "now {status}"
TIMELINE_KINDS = {
    AlertType.LOW: "low on fast hours",
    AlertType.VERY_LOW: "almost no fast hours left",
    AlertType.WILL_NOT_LAST: "will run out of fast hours before they return",
    AlertType.RUNS_OUT_SOON: "will run out of fast hours soon",
    AlertType.NO_DATA: "no token could be read",
    AlertType.VERIFYING: "must be verified",
    AlertType.BANNED: "banned",
    AlertType.SWITCHED_OFF: "switched off",
    AlertType.NOT_LISTED: "no longer listed",
}
TIMELINE_TOKENS = "{tokens}: "
TIMELINE_GROUP = {
    IncidentType.MODE: "{when} {number} tokens left FAST",
    IncidentType.LOW_FAST_TIME: "{when} {number} tokens low on fast hours",
    IncidentType.RUN_OUT: "{when} {number} tokens running out of fast hours",
}
TIMELINE_BACK = {
    IncidentType.MODE: "back in FAST",
    IncidentType.LOW_FAST_TIME: "enough fast hours again",
    IncidentType.RUN_OUT: "enough fast hours until they return",
    IncidentType.NO_DATA: "tokens are read again",
}
UNTIL = "until {until}"
UNTIL_BACK = "until it is resolved"
