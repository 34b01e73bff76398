"""Payloads: the data of a delivery besides its incident, by the kind of delivery."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from bot.domain.alert_routes import PingProblem


@dataclass(frozen=True, slots=True)
class SummaryPayload:
    """The incidents that a SUMMARY or QUIET_SUMMARY delivery covers, by id."""

    incident_ids: tuple[int, ...]
    type: Literal["summary"] = "summary"


@dataclass(frozen=True, slots=True)
class BrokenRoutePayload:
    """The channel that a ROUTE_BROKEN delivery reports, and the member who chose it."""

    channel_id: int
    created_by: int
    type: Literal["route_broken"] = "route_broken"


@dataclass(frozen=True, slots=True)
class RestoredRoutePayload:
    """The channel that a ROUTE_RESTORED delivery reports, and since when it was broken."""

    channel_id: int
    since: datetime
    type: Literal["route_restored"] = "route_restored"
    dropped: int = 0
    """How many alerts were deleted meanwhile, because they were over for weeks."""


@dataclass(frozen=True, slots=True)
class RejectedMessagePayload:
    """The channel that a MESSAGE_REJECTED delivery reports, the member who chose it, and the reason."""

    channel_id: int
    created_by: int
    problem: str
    type: Literal["message_rejected"] = "message_rejected"
    is_internal: bool = False
    """An error of Fastwatch is the reason; Discord has not seen the message."""


@dataclass(frozen=True, slots=True)
class PingProblemPayload:
    """The channel and the role that a PING_PROBLEM delivery reports, and the member who chose them."""

    channel_id: int
    role_id: int
    created_by: int
    problem: PingProblem
    type: Literal["ping_problem"] = "ping_problem"


@dataclass(frozen=True, slots=True)
class DigestPayload:
    """The period that a DIGEST delivery covers."""

    since: datetime
    until: datetime
    type: Literal["digest"] = "digest"


@dataclass(frozen=True, slots=True)
class ThreadPayload:
    """The thread that a THREAD delivery posts to, and the events of the incident that it posts, by their ids."""

    incident_id: int
    thread_id: int
    after: int
    last: int
    type: Literal["thread"] = "thread"


@dataclass(frozen=True, slots=True)
class StaleMessagePayload:
    """The Discord message that a STALE_MESSAGE delivery corrects, and its incident."""

    incident_id: int
    channel_id: int
    discord_message_id: int
    type: Literal["stale_message"] = "stale_message"


Payload = (
    SummaryPayload
    | BrokenRoutePayload
    | RestoredRoutePayload
    | RejectedMessagePayload
    | PingProblemPayload
    | DigestPayload
    | ThreadPayload
    | StaleMessagePayload
)
StoredPayload = Annotated[Payload, Field(discriminator="type")]
