"""What a person reads when a command fails: what is wrong, and what to do."""

NOT_CONNECTED = "This server is not connected to Fastwatch. Ask the person who runs the bot to add it to HOME_SERVERS."
MODS_ONLY = (
    "Only members with the Manage Server permission can do this. They can let a role do it with `/alerts moderators`."
)
MODS_AND_ROLE_ONLY = "Only members with the Manage Server permission or the role {role} can do this."
NO_MESSAGE_ID = (
    "That is not a message id. It looks like `d15c1541-229a-442b-9873-d3494dede12a`; copy it from ImaginePro."
)
NO_MESSAGE_ID_HERE = "There is no message id in that Discord message. Use `/trace` with the id."
UNKNOWN_MESSAGE = "ImaginePro does not know this message id. Check that you copied all of it."
NO_TOKEN_YET = "ImaginePro has not assigned a token to this message yet. Try again in a minute."
KEY_REFUSED = "ImaginePro rejected the bot's API key. Ask the person who runs the bot to check its log."
KEY_REFUSED_FOR_MODS = (
    "ImaginePro rejected the bot's API key: it is wrong, or the account has no credits left. "
    "Ask the person who runs the bot to check both. ({detail})"
)
NOT_IN_PLAN = "The account's ImaginePro plan does not include this. A larger plan is needed for it."
BAD_REQUEST = "ImaginePro did not accept this request. Check the id."
RATE_LIMITED = "ImaginePro's rate limit was reached. Try again {when}."
UNREACHABLE = "ImaginePro did not respond in time. Try again in a minute."
INVALID_RESPONSE = "ImaginePro gives no usable answer right now. Try again later; the bot's log has the details."
DATABASE_UNAVAILABLE = "My database cannot be used right now, so I cannot do this. Try again in a minute."
ON_COOLDOWN = "That was too fast. Try again {when}."
DISCORD_REFUSED = "Discord does not let me do this here. Check my permissions in this channel."
DISCORD_FAILED = "Discord did not accept the answer. Try again in a minute."
BLOCKED_BY_AUTOMOD = (
    "This server's AutoMod blocks my answer. A moderator can allow its words in the server's AutoMod settings."
)
UNEXPECTED = "Something went wrong. Try again; the bot's log has the details."
TOKEN_NOT_FOUND = "This token is not watched, or no longer. Mods can watch it with `/alerts watch`."
NO_SUCH_TOKEN = "No token of this account has that name or number. Choose one from the list."
TIME_ZONE_UNKNOWN = "This time zone is unknown. Choose one from the list, such as Europe/Berlin."
