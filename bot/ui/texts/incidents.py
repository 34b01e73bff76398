"""The embed of an incident, while it is open and after it has ended."""

from bot.domain.alert_types import AlertType, IncidentType
from bot.domain.incidents import TimelineEventType
from bot.domain.modes import Mode

# What a mode means for the team, as far as ImaginePro documents it.
MEANINGS = {
    Mode.RELAX: "Its images now go through the slow relax queue.",
    Mode.VERIFYING: "It is inactive until its Midjourney account has been verified. **Its owner must act.**",
    Mode.BANNED: "ImaginePro reports its Midjourney account as banned. **Its owner must act.**",
    Mode.OFF: "It is switched off at ImaginePro and gets no requests.",
    Mode.GONE: "ImaginePro no longer lists it: it was removed, or its account was unlinked.",
    Mode.OTHER: "ImaginePro gives a status that Fastwatch does not know.",
}
# What an alert is headed with, by its kind. {status} is ImaginePro's own word.
TITLES = {
    AlertType.LEFT_FAST: "{sign} Token {token} left FAST · {status}",
    AlertType.UNKNOWN_STATUS: "{sign} Token {token} left FAST · {status}",
    AlertType.VERIFYING: "{sign} Token {token} must be verified",
    AlertType.BANNED: "{sign} Token {token} is banned",
    AlertType.SWITCHED_OFF: "{sign} Token {token} was switched off",
    AlertType.NOT_LISTED: "{sign} Token {token} is no longer listed",
    AlertType.LOW: "🪫 Token {token} is low on fast time",
    AlertType.VERY_LOW: "🪫 Token {token} has almost no fast time left",
    AlertType.WILL_NOT_LAST: "📉 The fast time of token {token} will not last until it renews",
    AlertType.RUNS_OUT_SOON: "📉 The fast time of token {token} runs out within hours",
    AlertType.NO_DATA: "🙈 I cannot see the tokens",
}
TITLE_FLAPPING = "🔁 Token {token} keeps leaving FAST · {status}"
TITLE_GOT_WORSE = "{sign} Token {token} got worse · {status}"
TITLE_GROUP = {
    IncidentType.MODE: "{sign} {number} tokens left FAST",
    IncidentType.LOW_FAST_TIME: "🪫 {number} tokens are low on fast time",
    IncidentType.RUN_OUT: "📉 The fast time of {number} tokens will not last until it renews",
}
TITLE_GROUP_SOME_BACK = {
    IncidentType.MODE: "{sign} Still out of FAST: {out} of {number} tokens",
    IncidentType.LOW_FAST_TIME: "🪫 Still low on fast time: {out} of {number} tokens",
    IncidentType.RUN_OUT: "📉 Fast time that still will not last: {out} of {number} tokens",
}
TITLE_GROUP_FLAPPING = "🔁 {number} tokens keep leaving FAST · all in FAST now"

TITLE_BACK = "🟢 Token {token} is back in FAST"
TITLE_GROUP_BACK = {
    IncidentType.MODE: "🟢 All {number} tokens are back in FAST",
    IncidentType.LOW_FAST_TIME: "🟢 All {number} tokens have fast time again",
    IncidentType.RUN_OUT: "🟢 The fast time of all {number} tokens lasts again",
}
TITLE_REFILLED = "🟢 Token {token} has fast time again"
TITLE_LASTS = "🟢 The fast time of token {token} lasts again"
TITLE_RESPONDS = "🟢 I see the tokens again"
TITLE_STABLE = "🟢 Token {token} stays in FAST"
TITLE_CLOSED = "⚪ Closed: token {token} · {status}"
TITLE_GROUP_CLOSED = "⚪ Closed: {number} tokens"

OVER = "It was out of FAST for **{duration}**, {began} to {ended}, lastly in {status}."
OVER_WORSE = "It was worse than before for **{duration}**, {began} to {ended}, lastly in {status}."
OVER_LOW = "It was low for **{duration}**, {began} to {ended}."
OVER_FORECAST = "For **{duration}**, {began} to {ended}, it was not going to last until it renews."
OVER_SEVERAL = "From {began} to {ended}: **{duration}**."
OVER_FLAPPING = (
    "It left FAST **{times} times** between {began} and {ended}, and was out of it for **{duration}** in all, "
    "lastly in {status}."
)
OVER_NO_DATA = "ImaginePro gave no usable answer for **{duration}**, {began} to {ended}. What changed is told now."
OVER_CLOSED = "{member} closed it after **{duration}**. I do not tell when it is back."

FLAPPING = (
    "It leaves FAST too often to tell you each time. This card stays up to date; I write again when the token stays in "
    "FAST, or if it gets worse."
)
NO_DATA = (
    "ImaginePro has given no usable answer since {began} ({ago}). What the tokens do meanwhile is not known; I tell it "
    "as soon as ImaginePro answers. `/status` shows the last problem."
)
SWITCHED_OFF_BY = "{member} switched it off from Discord. It gets no requests until it is switched on again."

GONE_BY = "At the pace of the last days it may be gone by {at}, {ago}."
HOURS_RETURN = "Fast time comes back {at}, {ago}."

FIELD_LEFT = "Left FAST"
FIELD_BEGAN = "Got worse"
FIELD_FAST_TIME = "Fast time"

FIELD_MUTED = "Muted"
MUTED_UNTIL = "until {until}, by {member}"
MUTED_UNTIL_BACK = "until it is back, by {member}"
MUTED_UNLESS_URGENT = {
    IncidentType.MODE: "A ban or a verification is told all the same.",
    IncidentType.RUN_OUT: "That it runs out within hours is told all the same.",
}
FIELD_ACKNOWLEDGED = "Acknowledged"
ACKNOWLEDGED_BY = "by {member}, {when}"

MEMBER = "{sign} {token} · {status}, out since {since}"
MEMBER_LOW = "🪫 {token} · {fast_time}"
MEMBER_FORECAST = "📉 {token} · {fast_time}"
MEMBER_GONE_BY = "📉 {token} · {fast_time}, may be gone by {gone}"
MEMBER_BACK = "🟢 {token} · back after {duration}"
MEMBER_CLOSED = "⚪ {token} · {status}"

# How many tokens of a group are how, where that takes more than ImaginePro's word.
TALLY = "{number} {what}"
TALLY_KINDS = {
    AlertType.LOW: "low",
    AlertType.VERY_LOW: "almost empty",
    AlertType.WILL_NOT_LAST: "will not last",
    AlertType.RUNS_OUT_SOON: "gone within hours",
}

FIELD_TIMELINE = "Timeline"
TIMELINE = {
    TimelineEventType.STARTED: "{when} {token}{what}",
    TimelineEventType.CHANGED: "{when} {token}{what}",
    TimelineEventType.RECOVERED: "{when} {token}{what}",
    TimelineEventType.ACKNOWLEDGED: "{when} acknowledged by {member}",
    TimelineEventType.MUTED: "{when} muted by {member} {until}",
    TimelineEventType.UNMUTED: "{when} unmuted by {member}",
    TimelineEventType.CLOSED: "{when} closed by {member}",
}
TIMELINE_LEFT = "left FAST · {status}"
TIMELINE_WENT_ON = "now {status}"
TIMELINE_KINDS = {
    AlertType.LOW: "low on fast time",
    AlertType.VERY_LOW: "almost no fast time left",
    AlertType.WILL_NOT_LAST: "fast time will not last until it renews",
    AlertType.RUNS_OUT_SOON: "fast time runs out within hours",
    AlertType.NO_DATA: "no usable answer",
    AlertType.VERIFYING: "must be verified",
    AlertType.BANNED: "banned",
    AlertType.SWITCHED_OFF: "switched off",
    AlertType.NOT_LISTED: "no longer listed",
}
TIMELINE_TOKENS = "{tokens}: "
TIMELINE_GROUP = {
    IncidentType.MODE: "{when} {number} tokens left FAST",
    IncidentType.LOW_FAST_TIME: "{when} {number} tokens low on fast time",
    IncidentType.RUN_OUT: "{when} {number} tokens whose fast time will not last",
}
TIMELINE_BACK = {
    IncidentType.MODE: "back in FAST",
    IncidentType.LOW_FAST_TIME: "fast time again",
    IncidentType.RUN_OUT: "lasts again",
    IncidentType.NO_DATA: "answers again",
}
UNTIL = "until {until}"
UNTIL_BACK = "until it is back"
