"""The board, and the answers of `/board`."""

TITLE = "📋 Token board"
POST_TITLE = "Fleet"
FOOTER = "updates itself · last change"
MORE = "and {number} more: {modes}"
MORE_RUN_OUT = "⚠️ **will run out** of those: {tokens}"
POSTED = "The board is in {channel}: {url}"
PENDING = "The board will appear in {channel} in a moment."
TROUBLE = "⚠️ The board is not in {channel} yet: {problem}. I will retry automatically, within the hour."
LACKS = (
    "⚠️ For the board I need these permissions in {channel}: {permissions}. Once I have them, it appears by itself, "
    "or at once with `/board post`."
)
STAYS = "⚠️ The board stays where it is. To move it to {channel}, I need these permissions there: {permissions}."
NOT_PINNED = (
    "I could not pin it; it works anyway. Pin it yourself, or give me the {permission} permission in {channel} and use "
    "`/board post` again."
)
NOT_PINNED_BECAUSE = "I could not pin it: {problem}. It works anyway. To have it pinned, use `/board post` again."
OLD_STAYS = "I could not delete the old board in {channel} ({problem}). Delete it yourself; it is no longer updated."
REMOVED = "Board removed from {channel}. Use `/board post` to post a new one."
NONE = "This server has no board. Use `/board post` to post one."
CHANNEL_TYPE = "A board needs a text channel, a thread or a forum. Choose one with the option `channel`."
