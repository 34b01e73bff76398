"""The question and the answers of `/fleet enable` and `/fleet disable`."""

OFF_QUESTION = (
    "Switch token {token} **off** at ImaginePro? It then gets no requests until somebody switches it on again. "
    "It is {status} now.\nIt will be written down that you, {member}, did it."
)
ON_QUESTION = (
    "Switch token {token} **on** at ImaginePro? It then gets requests again. "
    "It is {status} now.\nIt will be written down that you, {member}, did it."
)
SWITCHING = "Asking ImaginePro to switch token {token} {direction} …"
SWITCHED = "Token {token} is now switched {direction}. I asked ImaginePro again to be sure."
SWITCHED_ALREADY = "Token {token} is switched {direction} already. Nothing was changed."
NOT_DONE = "ImaginePro did not switch token {token} {direction}: I asked again, and it is as it was. Try again."
UNCERTAIN = (
    "It is uncertain whether token {token} was switched {direction}: ImaginePro gave no usable answer, twice. "
    "Look again in a minute with the same command, which changes nothing if it was."
)
CANCELLED = "Nothing was changed."
