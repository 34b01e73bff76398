"""Alerts in plain form, after Discord has rejected the full ones: our own words and ids only, no emoji, no names."""

from bot.domain.alert_types import IncidentType

MORE_IN_SHOW = "Use `/alerts show` for more."
OPEN = f"Alert {{number}}: {{what}}. {MORE_IN_SHOW}"
WORSE = f"Alert {{number}} got worse: {{what}}. {MORE_IN_SHOW}"
REMINDER = f"Alert {{number}} is still open: {{what}}. {MORE_IN_SHOW}"
ESCALATED = f"Alert {{number}} is not acknowledged by anybody: {{what}}. {MORE_IN_SHOW}"
QUIET_SUMMARY = "Alerts during quiet hours: {numbers}."
OVER = "Alert {number} is over: {tokens}."
SUMMARY = "Alerts that are over by now: {numbers}."
TOKENS = {
    IncidentType.MODE: "{tokens} left FAST ({modes})",
    IncidentType.LOW_FAST_TIME: "{tokens}, low on fast hours",
    IncidentType.RUN_OUT: "{tokens}, fast hours run out too soon",
}
TOKEN = "token {ids}"
MANY_TOKENS = "tokens {ids}"
NO_DATA = "no data from ImaginePro"
MORE = "{ids} and {number} more"
