"""The answer of `/token export`."""

FILE = "fastwatch-{tokens}-{first:%Y-%m-%d}-to-{last:%Y-%m-%d}.csv"
ALL = "all"
DONE = "Times are in UTC. Fast time is in hours; it is empty where it was unknown."
EMPTY = "There is no data for this period. Choose more days."
TOO_LARGE = (
    "The file would be larger than {megabytes} MB, which Discord does not accept here. Choose fewer days, or one token."
)
