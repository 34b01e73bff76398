"""What the owner of a token must do, and the answers of `/fleet owner`."""

from bot.domain.alert_types import AlertType, alert_type_of
from bot.domain.incidents import AffectedToken
from bot.domain.modes import Mode
from bot.domain.owners import OWNER_MUST_ACT, owners_who_must_act
from bot.domain.value_changes import value_change
from bot.ui import texts
from bot.ui.incident_context import IncidentContext


def owner_words(view: IncidentContext) -> str:
    """Return who must act on an open incident, and how; empty where it takes no owner."""
    members = [member for member in view.incident.still_affected if member.kind in OWNER_MUST_ACT]
    if not members:
        return ""
    if len(view.incident.members) > 1:
        return _group_words(view, members)
    owner = _owner(view.owners.get(members[0].token_id))
    return texts.owners.MUST_ACT[members[0].kind].format(owner=owner, dashboard=_short_dashboard(view.dashboard_url))


def steps(kind: AlertType, owner_id: int | None, dashboard_url: str) -> str:
    """Return what the owner of one token must do, step by step."""
    words = texts.owners.STEPS[kind].format(owner=_owner(owner_id), dashboard=dashboard(dashboard_url))
    # Below a list it would read as a part of the last step.
    return words if owner_id is not None else f"{texts.owners.NAME_ONE}\n{words}"


def owner_field(mode: Mode | None, owner_id: int | None, dashboard_url: str) -> str:
    """Return the owner of a token, and what the owner must do; empty where neither is known."""
    kind = alert_type_of(mode) if mode is not None and mode is not Mode.FAST else None
    if kind in OWNER_MUST_ACT:
        return steps(kind, owner_id, dashboard_url)
    return f"<@{owner_id}>" if owner_id is not None else ""


def _owner(owner_id: int | None) -> str:
    return f"<@{owner_id}>" if owner_id is not None else texts.owners.NOBODY_NAMED


def dashboard(url: str) -> str:
    """Return the link to ImaginePro's dashboard; without an address its name."""
    return texts.owners.DASHBOARD_LINK.format(url=url) if url else texts.owners.DASHBOARD


def _short_dashboard(url: str) -> str:
    return texts.owners.SHORT_DASHBOARD_LINK.format(url=url) if url else texts.owners.DASHBOARD


def _group_words(view: IncidentContext, members: list[AffectedToken]) -> str:
    owners = owners_who_must_act(members, view.owners)
    who = ", ".join(f"<@{owner_id}>" for owner_id in owners) or texts.owners.OWNERS
    return texts.owners.GROUP.format(owners=who, dashboard=_short_dashboard(view.dashboard_url))


def changed(token: str, before: int | None, after: int | None) -> str:
    """Return the answer of `/fleet owner`: who owns a token now, and who did before."""
    words = texts.owners.CHANGED[value_change(before, after)]
    return words.format(token=token, owner=f"<@{after}>", before=f"<@{before}>")
