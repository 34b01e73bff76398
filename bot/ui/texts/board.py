"""The board, and the answers of `/board`."""

TITLE = "📋 Token board"
FOOTER = "keeps itself up to date · last change"
MORE = "and {number} more: {modes}"
POSTED = "The board is in {channel}: {url}"
PENDING = "The board comes to {channel} in a moment."
TROUBLE = "⚠️ The board is not in {channel} yet: {problem}. It is tried again by itself, within the hour."
LACKS = (
    "⚠️ For the board I need in {channel}: {permissions}. Once I have that, it comes by itself, or at once with "
    "`/board post`."
)
STAYS = "⚠️ The board stays where it is: to move it to {channel}, I need there: {permissions}."
NOT_PINNED = (
    "I could not pin it. It works all the same; pin it yourself, or give me Pin Messages in {channel} and use "
    "`/board post` again."
)
OLD_STAYS = "I could not delete the board in {channel} ({problem}); please delete it yourself, it is no longer kept up."
REMOVED = "The board in {channel} is no more. `/board post` makes a new one."
NONE = "This server has no board. `/board post` makes one."
CHANNEL_TYPE = "A board needs a text channel. Name one with the option `channel`."
