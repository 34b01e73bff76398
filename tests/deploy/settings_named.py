"""Which settings exist, for files that set them as environment variables."""

from pydantic import SecretStr

from bot.settings import Settings

SETTINGS = frozenset(name.upper() for name in Settings.model_fields)
SECRETS = frozenset(name.upper() for name, field in Settings.model_fields.items() if field.annotation is SecretStr)


def setting_of(variable: str) -> str | None:
    """Return the setting that a variable sets, itself or as a file that holds a secret; None if there is none."""
    if variable in SETTINGS:
        return variable
    name = variable.removesuffix("_FILE")
    return name if name in SECRETS else None
