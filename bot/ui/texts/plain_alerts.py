"""Alerts in plain form, after Discord has rejected the full ones: our own words and ids only, no emoji, no names."""

from bot.domain.alert_types import IncidentType

OPEN = "Alert {id}: {what}. Use `/alerts show` for more."
WORSE = "Alert {id} got worse: {what}. Use `/alerts show` for more."
REMINDER = "Alert {id} is still open: {what}. Use `/alerts show` for more."
OVER = "Alert {id} is over: {tokens}."
SUMMARY = "Alerts that are over by now: {ids}."
BARE = "Alert {id}. Use `/alerts show`."
TOKENS = {
    IncidentType.MODE: "{tokens} left FAST ({modes})",
    IncidentType.LOW_FAST_TIME: "{tokens}, low on fast hours",
    IncidentType.RUN_OUT: "{tokens}, fast hours run out too soon",
}
TOKEN = "token {ids}"
MANY_TOKENS = "tokens {ids}"
NO_DATA = "no data from ImaginePro"
MORE = "{ids} and {number} more"
