"""The answers to the buttons of an alert."""

INCIDENT_UNKNOWN = "This alert is no longer stored. Use `/alerts show` to see the open incidents."
INCIDENT_OVER = "This incident is already over; there is nothing left to do."
MESSAGE_OUT_OF_DATE = (
    "This message is no longer kept up to date, so its buttons have no effect. "
    "Use `/alerts show` to see the open incidents."
)
ACKNOWLEDGED_ALREADY = "{member} already acknowledged this, {when}."
NOT_ACKNOWLEDGED = "This alert is not acknowledged any more."
ASSIGNED_ALREADY = "You are already on it."
NOTE_TITLE = "Note on this alert"
NOTE_LABEL = "Your note, for all who see this alert"
NOTE_EMPTY = "A note needs text. Nothing was added."
THREAD_FORBIDDEN = (
    "I may not open a thread here. Give me the permissions Create Public Threads and Send Messages in Threads in this "
    "channel."
)
THREAD_IMPOSSIBLE = "This channel cannot have threads."
THREAD_IN_THREAD = (
    "This alert is in a thread already, and Discord has no threads in threads. Its timeline goes on in the alert."
)
THREAD_IS_POST = "Discord has no threads in threads, so what happens next is posted here, in the post of this alert."
THREAD_NO_DATA = "No data about the tokens"
THREAD_TOKEN = "Token {token}"
THREAD_TOKENS = "{number} tokens"
NOT_SWITCHED_OFF = "This token is not switched off any more."
NOT_MUTED = "This alert is not muted any more."
MUTE_QUESTION = "How long should this alert be muted? The Discord message stays up to date."
MUTED_FOR = "🔕 Muted until {until}."
MUTED_UNTIL_BACK = "🔕 Muted until it is resolved."
MUTE_UNTIL_TITLE = "Mute this alert"
MUTE_UNTIL_LABEL = "Until when ({zone})"
MUTE_UNTIL_EXAMPLES = "18:30, tomorrow 9:00, 2026-11-30 09:00 or 6h"
MUTE_UNTIL_WRONG = (
    "Enter a time within the next 30 days, such as 18:30, tomorrow 9:00 or 2026-11-30 09:00, or a duration such as 6h. "
    "The time zone here is {zone}."
)
NOT_TO_BE_CLOSED = (
    "This incident ends by itself. You can close only those about fast hours, credits or the plan's end, and those of "
    "tokens that are switched off or no longer listed."
)
DETAILS_CHOOSE = "Which of the {number} tokens?"
DETAILS_CHOOSE_OF_WORST = "Which of the {number} tokens? These are the {most} worst."
DETAILS_SEEN = "Last change: {since}. Last successful check: {round}."
DETAILS_UNKNOWN = "There is no data on this token any more."
