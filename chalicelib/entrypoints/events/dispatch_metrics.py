"""What dispatch counts (embedded metrics, ids only). Alarms in `infra/` watch these names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from aws_lambda_powertools.metrics import MetricUnit, single_metric

from chalicelib.dispatch.model import Failure, Invitation, InvitationState, Wave
from chalicelib.telemetry import NAMESPACE, SERVICE, metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

_STATES: Final[Mapping[InvitationState, str]] = {
    InvitationState.ACCEPTED: "SmsAccepted",
    InvitationState.DELIVERED: "SmsDelivered",
    InvitationState.FAILED: "SmsFailed",
    InvitationState.AMBIGUOUS: "SmsAmbiguous",
    InvitationState.EXPIRED: "SmsExpired",
    InvitationState.SUPPRESSED: "SmsSuppressed",
}


def count(name: str, value: float = 1, unit: MetricUnit = MetricUnit.Count) -> None:
    """One more, in the metrics of this event."""
    metrics.add_metric(name=name, unit=unit, value=value)


def count_by(name: str, dimension: str, value: str) -> None:
    """One more of a kind. Kinds are few and fixed (an enum), as each is a metric of its own."""
    dimensions = {"service": SERVICE}
    with single_metric(
        name=name, unit=MetricUnit.Count, value=1, namespace=NAMESPACE, default_dimensions=dimensions
    ) as metric:
        metric.add_dimension(name=dimension, value=value)


def count_invitation(invitation: Invitation | None) -> None:
    """Count what just became of an invitation; nothing if nothing did."""
    if invitation is None:
        return
    waits_for_budget = invitation.state is InvitationState.SCHEDULED and invitation.delayed_by == Failure.SPEND_LIMIT
    if waits_for_budget or invitation.failure is Failure.SPEND_LIMIT:
        count("SmsSpendExhausted")
    if invitation.wave is Wave.REMINDER:
        _count_reminder_sent(invitation)
    else:
        _count_invitation(invitation)


def _count_invitation(invitation: Invitation) -> None:
    if invitation.state is InvitationState.NOT_INVITED:
        count_by("NotInvited", "reason", str(invitation.reason))
    if invitation.state in _STATES:
        count(_STATES[invitation.state])
    if invitation.state is InvitationState.SCHEDULED and invitation.attempts:
        count("SmsDelayed")
    if invitation.state is InvitationState.ACCEPTED and invitation.sent_at and invitation.send_at:
        lag = (invitation.sent_at - invitation.send_at).total_seconds()
        count("DispatchLagSeconds", max(0.0, lag), MetricUnit.Seconds)
    if invitation.failure is not None:
        count_by("SmsFailure", "failure", str(invitation.failure))


def count_reminder(invitation: Invitation | None) -> None:
    """Count what was decided about an invitation's reminder; nothing if nothing was."""
    if invitation is not None and invitation.no_reminder_reason is not None:
        count_by("NotReminded", "reason", str(invitation.no_reminder_reason))


def _count_reminder_sent(reminder: Invitation) -> None:
    """Beside the invitations' own figures, whose shares are of invitations alone."""
    if reminder.state is InvitationState.ACCEPTED:
        count("ReminderAccepted")
    if reminder.state in {InvitationState.SUPPRESSED, InvitationState.EXPIRED}:
        count_by("NotReminded", "reason", str(reminder.reason))
