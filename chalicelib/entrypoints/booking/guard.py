"""What stands before a booking: limits per network address, and the challenge where the municipality asks for it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from chalicelib import bootstrap
from chalicelib.booking.callers import Purpose
from chalicelib.booking.challenge import Proof
from chalicelib.shared.errors import ChallengeRequired

if TYPE_CHECKING:
    from collections.abc import Mapping

    from chalice.app import Request

    from chalicelib.municipalities.model import Municipality


def source_address(request: Request) -> str:
    """The network address that the request came from, as API Gateway saw it; empty where it does not say."""
    return str((request.context.get("identity") or {}).get("sourceIp") or "")


def allow(request: Request, municipality: Municipality, purpose: Purpose) -> None:
    """Counts what the caller is about to do.

    Raises:
        TooManyRequests: this address has done it too often within this hour.
    """
    bootstrap.caller_limits().check(municipality, source_address(request), purpose)


def require_solution(municipality: Municipality, solution: object, key: str) -> None:
    """A program has solved the challenge, if the municipality asks for it. Repeating the same booking is fine.

    Raises:
        ChallengeRequired: it has not; the answer holds a new one.
    """
    if not municipality.booking.challenge:
        return
    challenges = bootstrap.challenges()
    sent = solution if isinstance(solution, str) else ""
    if challenges.judge(municipality.id, solution=sent, by=key) is not Proof.SOLVED:
        raise ChallengeRequired(challenges.new(municipality.id).to_document())


def prove(request: Request, municipality: Municipality, sent: Mapping[str, str], key: str) -> Proof:
    """What a form's booking came with. Those without a solution are rationed, as nothing else slows them down.

    Raises:
        TooManyRequests: too many of them from this address within this hour.
    """
    if not municipality.booking.challenge:
        return Proof.SOLVED
    if sent["extra"]:  # a field that nobody sees: only what fills in everything fills it in
        return Proof.NONE
    proof = bootstrap.challenges().judge(municipality.id, solution=sent["solution"], slip=sent["slip"], by=key)
    if proof is Proof.PATIENT:
        allow(request, municipality, Purpose.UNSOLVED)
    return proof


def puzzle(municipality: Municipality) -> str | None:
    """A new challenge for a page's script; None where the municipality asks for none."""
    if not municipality.booking.challenge:
        return None
    return json.dumps(bootstrap.challenges().new(municipality.id).to_document())
