"""The words on charts, where letters are large and room is small, and their descriptions for screen readers."""

from bot.domain.fast_time import Unit

TITLE = {
    Unit.HOURS: "Token {token} · fast hours left",
    Unit.MINUTES: "Token {token} · fast minutes left",
}
LEFT = "left"
TOTAL = "plan gives"
FORECAST = "forecast"
UNKNOWN = "unknown"
NOW = "now"
REFILLED = "refilled"
REFILL = "refill"
INCIDENT = "incident"
ZONE = "UTC"
EMPTY = "No history yet"
FAST_TIME_UNKNOWN = "Fast time unknown"
FLEET_TITLE = "All tokens · fast hours left"
FLEET_MODES = "Tokens by mode"
ALTERNATIVE = "Chart of the fast time left of token {token}, {days}. {words}"
FLEET_ALTERNATIVE = "Chart of the fast time left of all tokens together, and of their modes, {days}. {words}"
