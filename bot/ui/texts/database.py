"""What people read while the database cannot be used."""

from bot.storage.unavailable import Cause

PUSH = "Nothing can be recorded: changes of tokens are not alerted until my database works again."
TITLE = "💾 Nothing can be recorded"
DESCRIPTION = (
    "{cause} No check could be recorded since {since}, so changes of tokens are not alerted.\n"
    "{not_lost}I keep trying, and say when it works again."
)
NOT_LOST = "Nothing that is recorded is lost. "
FIELD_WHAT_TO_DO = "What to do"
OVER = "My database works again."
TITLE_OVER = "✅ My database works again"
DESCRIPTION_OVER = "{cause} Nothing could be recorded from {since} to {until} ({duration})."
REPLY_OVER = "My database works again after {duration}. What changed meanwhile is alerted by the next checks."
STATUS = "**Nothing can be recorded** (started {since}). {cause} Changes of tokens are not alerted meanwhile."
CAUSES = {
    Cause.UNREACHABLE: "My database cannot be reached.",
    Cause.NO_RESPONSE: "My database does not respond in time.",
    Cause.READ_ONLY: "My database is read-only.",
    Cause.FULL: "The disk of my database is full.",
    Cause.BUSY: "Another program holds my database.",
    Cause.TOO_MANY_CONNECTIONS: "My database accepts no more connections.",
    Cause.ACCESS_DENIED: "My database refuses me access.",
    Cause.DAMAGED: "My database is damaged.",
    Cause.FAILED: "My database reports an error of its own.",
    Cause.INTERNAL: "An error of my own keeps me from recording.",
    Cause.FILE_REPLACED: "My database file was deleted, moved or replaced while I was running.",
}
_ASK = "Ask the person who runs the bot to "
WHAT_TO_DO = {
    Cause.UNREACHABLE: f"{_ASK}check that the database server runs and that the bot can reach it.",
    Cause.NO_RESPONSE: f"{_ASK}check the database server and the network, and look for a lock on its tables.",
    Cause.READ_ONLY: f"{_ASK}make the database writable, or name the primary server in `DATABASE_URL`.",
    Cause.FULL: f"{_ASK}free some disk space.",
    Cause.BUSY: f"{_ASK}stop the other program, such as a backup or a database browser.",
    Cause.TOO_MANY_CONNECTIONS: f"{_ASK}allow more connections to the database.",
    Cause.ACCESS_DENIED: f"{_ASK}check the user, the password and the database in `DATABASE_URL`.",
    Cause.DAMAGED: f"{_ASK}stop the bot, and restore a backup of the database.",
    Cause.FAILED: f"{_ASK}look into the bot's log, and check the disk of the database.",
    Cause.INTERNAL: f"{_ASK}look into the bot's log, and report the error.",
    Cause.FILE_REPLACED: (
        f"{_ASK}move the file back. If it was deleted, stop the bot and restore a backup. "
        "If it was replaced on purpose, restart the bot."
    ),
}
