"""The labels of buttons, and the placeholders and options of menus."""

REFRESH = "Refresh"
HISTORY = "History"
TEST = "Send a test alert"
REPORT_NOW = "Report these now"
ACKNOWLEDGE = "Acknowledge"
ASSIGN = "I'm on it"
TAKE_OVER = "Take over"
MUTE = "Mute"
UNMUTE = "Unmute"
DETAILS = "Details"
CLOSE = "Close"
# By the number of hours.
MUTE_FOR = {0.5: "For 30 min", 1: "For 1 h", 4: "For 4 h", 8: "For 8 h", 24: "For 1 day"}
MUTE_UNTIL_BACK = "Until it is resolved"
MUTE_UNTIL = "Until a time …"
MORE_MENU = "More …"
# The options of that menu, by their values.
MORE = {"note": "Add a note", "thread": "Open a thread", "unacknowledge": "Unacknowledge", "details": "Details"}
MORE_MEANINGS = {
    "note": "A line in the timeline of this alert",
    "thread": "Under this alert; what happens next is posted there too",
    "unacknowledge": "Nobody is on it any more, and reminders go on",
    "details": "Only you see them",
}
OWNER = "Owner"
OWNER_MENU = "Choose the owner"
SWITCH_ON = "Switch on"
SWITCH_OFF = "Switch off"
CANCEL = "Cancel"
DETAILS_MENU = "Choose a token"
MODES_MENU = "Show only one mode"
ALL_MODES = "All modes ({number})"
MODE_OPTION = "{mode} ({number})"
TOKENS_MENU = "Open a token"
DAYS = {7: "7 days", 30: "30 days", 90: "90 days", 365: "A year"}
PAGES = {"first": "First", "back": "Previous", "next": "Next", "last": "Last"}
