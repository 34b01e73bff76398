"""Why no token could be read, and what to do: in alerts, lists, the board and `/status`."""

from bot.domain.outages import NoDataCause

HEADLINES = {
    NoDataCause.NO_RESPONSE: "ImaginePro isn't responding",
    NoDataCause.RATE_LIMITED: "ImaginePro limits the requests of this key",
    NoDataCause.UNAUTHORIZED: "ImaginePro rejects this key",
    NoDataCause.UNUSABLE: "ImaginePro gives no usable answer",
    NoDataCause.FLEET_REFUSED: "ImaginePro refuses to list the tokens of this key",
    NoDataCause.FLEET_EMPTY: "ImaginePro lists no tokens for this key",
    NoDataCause.NO_STATUS: "ImaginePro reports tokens without a status",
    NoDataCause.NOTHING_TRACED: "no watched message leads to a token",
    NoDataCause.NOTHING_WATCHED: "nothing is watched",
    NoDataCause.INTERNAL: "Fastwatch cannot process its checks",
}
NO_CHECKS = "Fastwatch has made no check"
# What an alert says; `/status` has the rest.
SHORT_ADVICE = {
    NoDataCause.NO_RESPONSE: "Wait a few minutes, then ask ImaginePro's support.",
    NoDataCause.RATE_LIMITED: "Look for other programs that use this key.",
    NoDataCause.UNAUTHORIZED: "Check the account's credits and key in ImaginePro's dashboard.",
    NoDataCause.UNUSABLE: "Wait a few minutes, then ask the person who runs this bot.",
    NoDataCause.FLEET_REFUSED: "Check the plan and the key at ImaginePro.",
    NoDataCause.FLEET_EMPTY: "Check in ImaginePro's dashboard that tokens are linked.",
    NoDataCause.NO_STATUS: "Look at the tokens in ImaginePro's dashboard.",
    NoDataCause.NOTHING_TRACED: "Watch newer messages with `/alerts watch`.",
    NoDataCause.NOTHING_WATCHED: "Watch a message with `/alerts watch`.",
    NoDataCause.INTERNAL: "Ask the person who runs this bot to read its log.",
}
ADVICE = {
    NoDataCause.NO_RESPONSE: "Wait a few minutes. If this continues, ask ImaginePro's support.",
    NoDataCause.RATE_LIMITED: (
        "Checks continue when the limit ends. If this continues, look for other programs that use this key, or set a "
        "longer `POLL_INTERVAL`."
    ),
    NoDataCause.UNAUTHORIZED: (
        "Check in ImaginePro's dashboard that the account has credits, and that `IMAGINEPRO_API_KEY` is its key."
    ),
    NoDataCause.UNUSABLE: (
        "Wait a few minutes. If this continues, the person who runs this bot should check `IMAGINEPRO_BASE_URL` and "
        "the network."
    ),
    NoDataCause.FLEET_REFUSED: (
        "Check in ImaginePro's dashboard that the plan still includes this, and that `IMAGINEPRO_API_KEY` is the key "
        "of that account. If the plan has changed for good, watch single messages with `/alerts watch`."
    ),
    NoDataCause.FLEET_EMPTY: (
        "Check in ImaginePro's dashboard that tokens are linked, and that `IMAGINEPRO_API_KEY` is the key of that "
        "account. After one day without any, the tokens count as gone."
    ),
    NoDataCause.NO_STATUS: "Look at the tokens in ImaginePro's dashboard. If this continues, ask ImaginePro's support.",
    NoDataCause.NOTHING_TRACED: (
        "`/alerts show` lists the error of each message. Remove those with `/alerts unwatch`, and watch newer ones "
        "with `/alerts watch`."
    ),
    NoDataCause.NOTHING_WATCHED: "This key cannot list tokens. Watch a message with `/alerts watch`.",
    NoDataCause.INTERNAL: (
        "The error is in Fastwatch or its database, not at ImaginePro. The person who runs this bot finds it in the "
        "bot's log."
    ),
}
