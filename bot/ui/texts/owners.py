"""The owners of tokens: what they must do, and the answers of `/fleet owner`."""

from bot.domain.alert_types import AlertType

DASHBOARD = "ImaginePro's dashboard"
DASHBOARD_LINK = f"[{DASHBOARD}]({{url}})"
# Neither ImaginePro nor Midjourney documents the steps in detail; what they ask for is said where they ask.
STEPS = {
    AlertType.VERIFYING: (
        "{owner} must verify it:\n"
        "1. Sign in to Discord with the linked account, and answer what Midjourney asks.\n"
        "2. Look at the account in {dashboard}; link it again if it says so."
    ),
    AlertType.BANNED: (
        "{owner} must act:\n"
        "1. Sign in to Midjourney with the linked account, and read why it is banned.\n"
        "2. Unlink it, or link another account, in {dashboard}."
    ),
}
NOBODY_NAMED = "Its owner"
NAME_ONE = "Use `/fleet owner` to choose who is pinged for it."
OWNERS = "Their owners"
GROUP = "{owners} must act, in {dashboard}."

FIELD = "Owner"
QUESTION = (
    "Who owns token {token}, and is pinged when it must be verified or is banned? To have no owner, remove the one "
    "chosen."
)
SET = "{owner} is now the owner of token {token}, and is pinged when it must be verified or is banned."
REPLACED = (
    "{owner} is now the owner of token {token}, instead of {before}, and is pinged when it must be verified or is "
    "banned."
)
UNCHANGED = "{owner} is already the owner of token {token}. Nothing was changed."
REMOVED = "Token {token} no longer has an owner. It was {before}."
NONE = "Token {token} has no owner. Nothing was changed."
