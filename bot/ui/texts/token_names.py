"""The answers of `/fleet name`."""

from bot.domain.value_changes import ValueChange

TOO_LONG = "A name has at most {most} characters. Choose a shorter one."
BLANK = "A name needs at least one visible character. To remove a name, leave the option out."
ONLY_A_NUMBER = "A name that is only a number looks like a token's number. Add a word."
TAKEN = "Token {token} already has this name. Choose another name, or remove it from that token first."
CHANGED = {
    ValueChange.SET: "Token {token} is now called {name}. It had no name before.",
    ValueChange.REPLACED: "Token {token} is now called {name}. Its name was {before}.",
    ValueChange.REMOVED: "Token {token} no longer has a name. Its name was {before}.",
    ValueChange.UNCHANGED: "Token {token} is already called {name}. Nothing was changed.",
    ValueChange.STILL_NONE: "Token {token} has no name. Nothing was changed.",
}
