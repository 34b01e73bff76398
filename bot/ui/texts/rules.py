"""`/alerts rules` and `/alerts moderators`: what each rule does, and the answers."""

TITLE = "Alert rules of this server"
HINT = (
    "Change one with `/alerts rules set`; `/alerts rules reset` restores the defaults. A rule without a note has its "
    "default value."
)
# What each rule does, by its name; {value} is its value.
MEANINGS = {
    "Leaving FAST, and coming back": {
        "confirm_leaving": "Alert after {value} in a row out of FAST",
        "confirm_urgent": "Alert after {value} in a row in VERIFYING or BANNED",
        "confirm_back": "Report a token as back after {value} in a row in FAST",
    },
    "Low fast hours": {
        "low": "Warn below {value} of the plan's fast hours",
        "very_low": "Warn again below {value} of the plan's fast hours",
        "run_out": "Warn when a token will run out of fast hours before they return",
    },
    "The whole team": {
        "min_fast": "Alert at once with fewer than {value} in FAST",
        "min_hours": "Alert with less than {value} left in all tokens in FAST together",
        "low_credits": "Warn below {value} of the account's credits",
        "plan_end": "Warn 7 days and 1 day before the account's plan ends",
    },
    "Reminders and escalation": {
        "reminders": "Remind after {value} while nobody has acknowledged an alert",
        "escalate_after": "Ping the role of escalate_role after {value} without an acknowledgement",
        "escalate_role": "Escalate to {value}",
    },
    "Quiet hours": {
        "quiet_hours": "Only urgent alerts ping during {value}, in the time zone of `/alerts digest`; then a summary",
    },
    "When ImaginePro does not respond": {
        "no_data_after": "Alert after {value} without a usable response",
    },
    "Combining alerts": {
        "flapping_after": "After {value} of one token, combine further ones into one alert",
        "flapping_within": "Count incidents for flapping_after over {value}",
        "group_from": "Combine alerts when {value} or more change in the same check",
    },
}
# The same where the value switches the rule off.
MEANINGS_OFF = {
    "low": "No first warning about low fast hours",
    "very_low": "No second warning about low fast hours",
    "run_out": "No warning when a token will run out of fast hours before they return",
    "min_fast": "No alert when few tokens are in FAST",
    "min_hours": "No alert when few fast hours are usable",
    "low_credits": "No warning about low credits",
    "plan_end": "No warning before the account's plan ends",
    "reminders": "No reminders",
    "escalate_after": "No escalation to a second role",
    "escalate_role": "No role to escalate to",
    "quiet_hours": "No quiet hours: alerts ping at any time",
}
LINE = "`{rule}` {meaning}"
LINE_CHANGED = "`{rule}` {meaning} (default: {default})"
LINE_BEFORE = "`{rule}` {meaning} (before: {before})"
VALUE = "**{value}**"
PERCENT = "{number} %"
NEVER = "never"
COUNTS = {
    "reading": ("{number} reading", "{number} readings"),
    "incident": ("{number} incident", "{number} incidents"),
    "token": ("{number} token", "{number} tokens"),
    "hour": ("{number} hour", "{number} hours"),
}
# What the value of a rule can be, by its type.
RANGE_COUNT = "{least} to {most}"
RANGE_MINIMUM = "1 to {most}, or off"
RANGE_PERCENT = "1 % to {most} %, or never"
RANGE_DURATION = "{shortest} to {longest}"
RANGE_DELAY = "{shortest} to {longest}, or never"
RANGE_DAILY_HOURS = "two times of day, such as 22:00-07:00, or none"
RANGE_ROLE = "a role, or none"
RANGE_REMINDERS = "up to {most} ascending durations, {shortest} to {longest}, or none"
RANGE_SWITCH = "on or off"

CHOICE = "{rule} · {meaning}"
CURRENT = "current"
DEFAULT = "default"
ALLOWED = "allowed: {range}"
NOTE = " · "
UNKNOWN = "There is no such rule. Choose one from the list."
WRONG = "The value of `{rule}` must be {range}. It is still {value}."
OUT_OF_ORDER = (
    "`very_low` must be below `low`; with this change they would be {very_low} and {low}. Change the other one first."
)
CHANGED = "Changed:"
UNCHANGED = "Nothing to change: `{rule}` is already {value}."
ALL_DEFAULT = "Nothing to change: every rule has its default value."

FIELD_MODERATORS = "Moderators"
MODERATORS = "Moderators are the members with Manage Server and those with {role}."
MODERATORS_HINT = (
    "Discord hides the commands from that role until you allow it under Server Settings, Integrations, Fastwatch."
)
NO_MODERATORS_ROLE = "Moderators are the members with Manage Server."
MANAGERS_ONLY = "Only members with the Manage Server permission can choose that role."
NOT_EVERYONE = "@everyone cannot be the moderator role. Choose the role of the people who look after the tokens."
