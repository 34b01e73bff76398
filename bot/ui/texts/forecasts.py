"""How long fast time lasts."""

# How long fast time lasts.
GONE = "At this week's pace gone by {when}{before}."
GONE_OR_SOONER = "At this week's pace gone by {when}{before}; sooner ({sooner}) at the last two days'."
GONE_LATELY = "{lasts}, but at the last two days' gone by {when}{before}."
BEFORE = ", {duration} before it renews"
LASTS = "At this week's pace it lasts until it renews"
LASTS_LONG = "At this week's pace it lasts for more than a year"
SENTENCE = "{words}."
UNUSED = "Not used this week."
EARLY = "{words} This is early: too little of a week is known."
