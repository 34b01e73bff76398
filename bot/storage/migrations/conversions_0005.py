"""Conversion of stored values from version 0004 to 0005. Like the migration, it must not change after its release."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

Row = dict[str, Any]

INCIDENT_TYPES = {"fast_time": "low_fast_time", "forecast": "run_out", "blind": "no_data"}
STEPS = {"began": "started", "went_on": "changed", "got_worse": "worsened", "ended": "resolved", "back": "recovered"}
DELIVERY_KINDS = STEPS | {"handled": "refresh", "missed": "summary"}
MEMBER_FIELDS = {"began_at": "started_at", "ended_at": "resolved_at"}
STATE_FIELDS = {
    "doubt": "pending",
    "out_since": "incident_since",
    "left_at": "recent_starts",
    "short_since": "shortfall_since",
    "soon_since": "imminent_since",
    "lasts_since": "sufficient_since",
}
RULE_FIELDS = {"blind_after": "no_data_after", "will_not_last": "run_out"}
# By Discord's JSON error codes. Each sentence about a refusal that version 0004 stored ends with one.
REASONS = {
    "10003": "unknown_channel",
    "10004": "unknown_server",
    "50001": "missing_access",
    "50008": "not_a_text_channel",
    "50013": "missing_permissions",
    "50083": "thread_archived",
}
NOT_A_HOME = "this server is not one of the bot's home servers"


def _renamed(values: Row, fields: dict[str, str]) -> Row:
    return {fields.get(name, name): value for name, value in values.items()}


def _route(row: Row) -> Row:
    sentence = row["disabled_reason"]
    if sentence is None:
        return row
    code = re.search(r"code (\d+)$", sentence)
    refusal = REASONS.get(code[1], "refused") if code else "refused"
    return row | {"disabled_reason": "server_not_allowed" if sentence == NOT_A_HOME else refusal}


def _settings(row: Row) -> Row:
    return row | {"rules": json.dumps(_renamed(json.loads(row["rules"]), RULE_FIELDS))}


def _state(row: Row) -> Row:
    return row | {"state": json.dumps(_renamed(json.loads(row["state"]), STATE_FIELDS))}


def _incident_row(row: Row) -> Row:
    members = [_renamed(member, MEMBER_FIELDS) for member in json.loads(row["members"])]
    return row | {"type": INCIDENT_TYPES.get(row["type"], row["type"]), "members": json.dumps(members)}


def _event(row: Row) -> Row:
    kind = "no_data" if row["kind"] == "blind" else row["kind"]
    return row | {"type": STEPS.get(row["type"], row["type"]), "kind": kind}


def _delivery(row: Row) -> Row:
    payload = _payload(row["kind"], json.loads(row["payload"]))
    return row | {
        "kind": DELIVERY_KINDS.get(row["kind"], row["kind"]),
        "payload": json.dumps(payload) if payload is not None else None,
    }


def _payload(kind: str, subjects: list[int]) -> Row | None:
    """Return the payload for the numbers of a delivery of this kind."""
    match kind:
        case "missed":
            return {"type": "summary", "incident_ids": subjects}
        case "route_broken":
            channel_id, created_by = subjects
            return {"type": "route_broken", "channel_id": channel_id, "created_by": created_by}
        case "digest":
            since, until = (datetime.fromtimestamp(seconds, UTC).isoformat() for seconds in subjects)
            return {"type": "digest", "since": since, "until": until}
    return None


CONVERT: dict[str, Callable[[Row], Row]] = {
    "alert_routes": _route,
    "token_routes": _route,
    "server_settings": _settings,
    "token_states": _state,
    "incidents": _incident_row,
    "incident_events": _event,
    "deliveries": _delivery,
}
