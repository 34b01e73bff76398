"""The answer of `/alerts show`."""

from bot.domain.alert_types import IncidentType

TITLE = "Alerts in this server"
FIELD_CHANNEL = "Where to"
CHANNEL = "{channel}, {ping}"
ALERTS_OFF = "Alerts are off. `/alerts setup` starts them."
BROKEN = "⚠️ Discord refuses this channel: {problem}. Mend that, then use `/alerts test`."
FIELD_TOKEN_ROUTES = "Channels of single tokens"
TOKEN_ROUTE = "token {token}: {channel}, {ping}"
TOKEN_ROUTE_BROKEN = (
    "token {token}: {channel} ⚠️ Discord refuses it: {problem}. Mend that, then use `/alerts route` again."
)

FIELD_WATCHED = "What is watched"
FLEET = "The whole fleet: {modes}"
FLEET_EMPTY = "The whole fleet; it has no tokens."
NO_FLEET = "This key may not list its fleet, so only watched messages are traced. `/alerts watch` adds one."
NOT_YET = "ImaginePro has not answered yet."
WATCH = "token {token} by message `{message}`"
WATCH_PROBLEM = "token {token} by message `{message}`: ⚠️ {problem}"
FIELD_LAST_SUCCESS = "Last good round"
LAST_PROBLEM = "{when}; since then: {problem}"

FIELD_OPEN = "Open incidents"
INCIDENT = "{sign} {tokens} · {what}, began {since}{marks}"
TOKEN = "token {token}"
TOKENS = "{number} tokens ({tokens})"
IMAGINEPRO = "ImaginePro"
TYPE_SIGNS = {IncidentType.LOW_FAST_TIME: "🪫", IncidentType.RUN_OUT: "📉", IncidentType.NO_DATA: "🙈"}
MARK = " · {mark}"
FLAPPING = "🔁 comes and goes"
ACKNOWLEDGED = "👀 {member}"
MUTED_UNTIL = "🔕 until {until}"
MUTED_UNTIL_BACK = "🔕 until it is back"
LINK = "[alert]({url})"

FIELD_MUTES = "Muted"
MUTE = "🔕 {what} until {until}, by {member}"
MUTE_REASON = "🔕 {what} until {until}, by {member}: {reason}"
FIELD_WAITING = "Waiting to be delivered"
WAITING_PROBLEM = "{number}, because: {problem}"
