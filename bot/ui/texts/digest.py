"""`/alerts digest` and the digest itself."""

from bot.domain.rules import DigestDay

DAYS = {
    DigestDay.OFF: "off",
    DigestDay.DAILY: "every day",
    DigestDay.MONDAY: "every Monday",
    DigestDay.TUESDAY: "every Tuesday",
    DigestDay.WEDNESDAY: "every Wednesday",
    DigestDay.THURSDAY: "every Thursday",
    DigestDay.FRIDAY: "every Friday",
    DigestDay.SATURDAY: "every Saturday",
    DigestDay.SUNDAY: "every Sunday",
}
TIME_ZONE_CHOICE = "{zone} · {now}"
HOUR = "{hour:02}:00"
SCHEDULE = "The digest is posted {day} at {hour}, {zone} time."
OFF = "The digest is off. Choose a day with `/alerts digest` to get it at {hour}, {zone} time."
NEXT = "The next one is due on {when}."
WITHOUT_ALERTS = "It starts once alerts are set up: use `/alerts setup`."
ACTION = "{day}, {hour}, {zone}"
CONTENT = "📊 The tokens from {since} to {until}."
TITLE = "📊 Digest"
TOKEN = "{sign} **{token}**: {what}"
USED = "{amount} used"
USED_UNKNOWN = "use unknown"
OUT = "{duration} out of FAST"
OUT_ALL_THE_TIME = "out of FAST all the time"
INCIDENT = "1 incident"
INCIDENTS = "{number} incidents"
GONE_BY = "runs out {when}"
RETURN = "hours return {when}"
LASTS = "enough left"
MORE = "and {number} more"
UNCOUNTED = "Tokens left out because counting them would have taken too long: {number}."
NO_TOKENS = "No tokens."
FIELD_TOTALS = "Total"
TOTALS_USED = "{amount} of fast time used"
TOTALS_OUT_ONE = "1 token out of FAST, for {duration}"
TOTALS_OUT = "{number} tokens out of FAST, for {duration} in total"
NEVER_OUT = "never out of FAST"
NO_NEW_INCIDENTS = "no new incidents"
NEW_INCIDENT = "1 new incident"
NEW_INCIDENTS = "{number} new incidents"
FROM_BEFORE = "{began}, {number} from before"
NO_DATA = "times without token status: {number}"
FIELD_NOW = "Now"
PICTURE = "fleet.png"
