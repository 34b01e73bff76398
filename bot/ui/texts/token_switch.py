"""The question and the answers of `/fleet enable` and `/fleet disable`."""

OFF_QUESTION = (
    "Switch token {token} **off** at ImaginePro? It then gets no requests until somebody switches it on again. "
    "Its status is {status} now.\nThis is logged under your name, {member}."
)
ON_QUESTION = (
    "Switch token {token} **on** at ImaginePro? It then gets requests again. "
    "Its status is {status} now.\nThis is logged under your name, {member}."
)
SWITCHING = "Asking ImaginePro to switch token {token} {direction} …"
SWITCHED = "Token {token} is now switched {direction}. ImaginePro has confirmed it."
SWITCHED_ALREADY = "Token {token} is already switched {direction}. Nothing was changed."
NOT_DONE = "ImaginePro did not switch token {token} {direction}. Nothing was changed. Try again."
UNCERTAIN = (
    "ImaginePro did not confirm that token {token} was switched {direction}. "
    "Use the same command again in a minute: it changes nothing if the token is already {direction}."
)
CANCELLED = "Nothing was changed."
