"""The error of a command that was refused or has failed."""


class NotDone(Exception):
    """The command did not do its work. The message is one sentence that says why and what to do, without secrets."""
