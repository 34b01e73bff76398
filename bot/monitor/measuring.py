"""Counts checks by their outcome, for Prometheus."""

from bot.domain.outages import NoDataCause
from bot.metrics import CHECKS

SUCCEEDED = CHECKS.labels("success")
FAILED = {cause: CHECKS.labels(cause.value) for cause in NoDataCause}
"""Why a check read no token."""
NOT_RECORDED = CHECKS.labels("not_recorded")
"""The database could not be used."""
DISCARDED = CHECKS.labels("discarded")
"""Another process had taken over the checks meanwhile."""
