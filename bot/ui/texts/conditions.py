"""Alerts about the whole fleet or the account: capacity, credits, and the end of the plan."""

from bot.domain.alert_types import AlertType, IncidentType

# The first words of an alert: its title, and the line that a phone shows.
WHAT = {
    AlertType.NONE_IN_FAST: "No token is in FAST: every image is slow now",
    AlertType.FEW_IN_FAST: "Too few tokens in FAST: {in_fast} of {tokens}",
    AlertType.FEW_HOURS: "Too few usable fast hours: {usable}",
    AlertType.LOW_CREDITS: "The ImaginePro account is low on credits",
    AlertType.PLAN_ENDS: "The ImaginePro plan ends within 7 days",
    AlertType.PLAN_ENDS_SOON: "The ImaginePro plan ends within a day",
    AlertType.PLAN_ENDED: "The ImaginePro plan has ended",
}
# What an alert is about, whatever its state.
SUBJECTS = {
    IncidentType.CAPACITY: "the team's capacity",
    IncidentType.CREDITS: "the account's credits",
    IncidentType.PLAN_END: "the account's plan",
}
SIGNS = {IncidentType.CAPACITY: "🐌", IncidentType.CREDITS: "🪙", IncidentType.PLAN_END: "📅"}
TITLE = "{sign} {what}"
PUSH_WORSE = "🔺 It got worse. {what}."
PUSH_REMINDER = "⏰ {what}. Still open after {duration}, and nobody has acknowledged it."

IN_FAST = "**{in_fast} of {tokens}** in FAST"
UNREAD = "{number} could not be read"
USABLE = "**{left}** usable"
LOCKED = "{left} locked"
WITHOUT_UNKNOWN = "without {number} where it is unknown"
PART = " · "
ADVICE = {
    IncidentType.CAPACITY: "`/token list` shows why.",
    IncidentType.CREDITS: "Buy credits at ImaginePro.",
    IncidentType.PLAN_END: "Renew it at ImaginePro.",
}
PLAN_ENDS = "Plan ends {when}, {ago}"
PLAN_ENDED = "Plan ended {when}, {ago}"

BACK = {
    IncidentType.CAPACITY: "The team has enough capacity again",
    IncidentType.CREDITS: "The ImaginePro account has enough credits again",
    IncidentType.PLAN_END: "The ImaginePro plan is renewed",
}
TITLE_BACK = "🟢 {what}, after {duration}"
PUSH_BACK = "✅ {what}, after {duration}."
TITLE_CLOSED = "⚪ Closed: {what}"
MISSED = "• {began}: {what}, over after {duration}."
