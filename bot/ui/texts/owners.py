"""The owners of tokens: what they must do, and the answers of `/fleet owner`."""

from bot.domain.alert_types import AlertType
from bot.domain.value_changes import ValueChange

DASHBOARD = "ImaginePro's dashboard"
SHORT_DASHBOARD_LINK = "the [dashboard]({url})"
# What an alert says; the steps are in `/token show` and behind *Details*.
MUST_ACT = {
    AlertType.VERIFYING: "{owner} must verify it: answer Midjourney, then see {dashboard}.",
    AlertType.BANNED: "{owner} must act: see Midjourney, then {dashboard}.",
}
DASHBOARD_LINK = f"[{DASHBOARD}]({{url}})"
# Neither ImaginePro nor Midjourney documents the steps in detail; what they ask for is said where they ask.
STEPS = {
    AlertType.VERIFYING: (
        "{owner} must verify it:\n"
        "1. In Discord, answer Midjourney with the linked account.\n"
        "2. Relink it in {dashboard} if asked."
    ),
    AlertType.BANNED: (
        "{owner} must act:\n"
        "1. Sign in to Midjourney with the linked account and read why.\n"
        "2. Unlink or replace it in {dashboard}."
    ),
}
NOBODY_NAMED = "Its owner"
NAME_ONE = "Set its owner with `/fleet owner`."
OWNERS = "Their owners"
GROUP = "{owners} must act: see {dashboard}."

FIELD = "Owner"
QUESTION = (
    "Who owns token {token}, and is pinged when it must be verified or is banned? To have no owner, remove the one "
    "chosen."
)
CHANGED = {
    ValueChange.SET: "{owner} is now the owner of token {token}, and is pinged when it must be verified or is banned.",
    ValueChange.REPLACED: (
        "{owner} is now the owner of token {token}, instead of {before}, and is pinged when it must be verified or is "
        "banned."
    ),
    ValueChange.REMOVED: "Token {token} no longer has an owner. It was {before}.",
    ValueChange.UNCHANGED: "{owner} is already the owner of token {token}. Nothing was changed.",
    ValueChange.STILL_NONE: "Token {token} has no owner. Nothing was changed.",
}
