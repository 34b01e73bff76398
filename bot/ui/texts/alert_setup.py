"""The answers of the commands that set alerts up: `/alerts setup`, `off`, `test`, `route` and `watch`."""

from bot.domain.alert_routes import PingProblem

SETUP_DONE = "Alerts now go to {channel} and {ping}."
PINGS_ROLE = "ping {role}"
PINGS_NOBODY = "ping nobody"
CHANNEL_TYPE = (
    "Alerts cannot go to a voice or stage channel, or to a category. Choose a text channel, a thread or a forum."
)
CHANNEL_UNKNOWN = "I cannot see that channel. Give me the View Channel permission there, then try again."
SETUP_CAN_POST = "I can post there."
SETUP_LACKS = "⚠️ I cannot post there yet. Give me these permissions in {channel}: {permissions}."
SETUP_ROLE_UNPINGABLE = (
    "⚠️ I cannot ping {role}. Allow anyone to mention it, or give me the Mention Everyone permission in {channel}."
)
PING_WARNING = "⚠️ {problem} {advice}"
PING_PROBLEMS = {
    PingProblem.ROLE_DELETED: "**Alerts in {channel} ping nobody**, because their role was deleted.",
    PingProblem.ROLE_NOT_MENTIONABLE: "**Alerts in {channel} ping nobody**, because I cannot ping {role}.",
}
PING_ADVICE = {
    PingProblem.ROLE_DELETED: (
        "Choose another role with `/alerts setup`, or with `/alerts route` if it is one token's channel."
    ),
    PingProblem.ROLE_NOT_MENTIONABLE: "Allow anyone to mention that role, or give me Mention Everyone in the channel.",
}
SETUP_NOT_EVERYONE = "Alerts cannot ping @everyone. Choose the role of the people who look after the tokens."
SETUP_DELIVERS = "Waiting alerts that are being sent now: {number}."
ALREADY_WRONG = "Already wrong before this setup, so not alerted:"
ALREADY_WRONG_TOKEN = "• {sign} {token} · {mode}"
ALREADY_WRONG_CONDITION = "• {what}"
REPORTED = "Alerts that are being sent now: {number}."
NOTHING_TO_REPORT = "Nothing to report: everything that is wrong already has an alert, or no token can be read now."
OFF_DONE = "Alerts are now off in this server. Its open alerts are closed. Use `/alerts setup` to turn them on again."
SETUP_RESUMES = "What is still wrong since they were switched off is alerted with the next check."
OFF_ALREADY = "Alerts are already off in this server. Use `/alerts setup` to turn them on."
NOT_SET_UP = "Alerts are not set up in this server yet. Use `/alerts setup` first."
TEST_SENT = "The test alert is in {channel}."
TEST_WAITS = "The test alert is saved, but Discord has not accepted it yet: {problem}. I will retry automatically."
TEST_WAITS_WITHOUT_PROBLEM = "The test alert is saved and on its way to {channel}."
TEST_BROKEN = "I cannot post in {channel}: {problem}. Fix that, then use `/alerts test` again."
ROUTE_DONE = "Alerts of token {token} now go to {channel} and {ping}."
ROUTE_STAYS = "Its open alert stays where it is."
UNROUTE_DONE = "Alerts of token {token} now go to the server's alert channel again."
UNROUTE_UNKNOWN = "Token {token} has no channel of its own. Use `/alerts show` to see the tokens that have one."
WATCH_DONE = "Token {token} is now watched: I trace message `{message}` in every check."
WATCH_NEEDLESS = "Token {token} is already watched: this key lists all its tokens."
WATCH_FULL = "I can watch at most {most} messages. Use `/alerts unwatch` to make room."
UNWATCH_DONE = "Message `{message}` is no longer watched."
UNWATCH_UNKNOWN = "Message `{message}` was not watched. Use `/alerts show` to see the messages that are."
