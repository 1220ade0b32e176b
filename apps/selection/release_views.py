"""Pages on which chairs draft, read and release the letters of pending decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from apps.accounts.models import User
from apps.editions.models import Edition
from apps.interest.services import reply_deadline
from apps.mail.drafts import ReleaseReport
from apps.mail.views import DraftPages
from apps.selection.capacity import capacity_of
from apps.selection.decisions import draft_decision_letters, pending_decisions, release_decisions
from apps.selection.letters import DECISION_KINDS
from apps.selection.models import PendingDecision


class DecisionPages(DraftPages):
    permission = "interest.decide_expression"
    title = "Release decisions"
    noun = "decision"
    url_name = "selection:release"
    list_template = "selection/release.html"
    release_template = "selection/release_now.html"
    about_template = "selection/_decision.html"

    def get_drafts(self, edition: Edition) -> list[PendingDecision]:
        decisions, reply_by_on = pending_decisions(edition), reply_deadline(edition)
        for decision in decisions:
            # The preview shows the date of a release today; nothing of this is saved.
            decision.expression.reply_by_on = decision.expression.reply_by_on or reply_by_on
        return decisions

    def draft(self, edition: Edition) -> int:
        return draft_decision_letters(edition=edition)

    def release(self, edition: Edition, *, seen: Sequence[str], by: User) -> ReleaseReport:
        return release_decisions(edition=edition, seen=seen, by=by)

    def get_context(self, edition: Edition, drafts: Sequence[PendingDecision]) -> dict[str, Any]:
        numbers = Counter((decision.verdict, decision.offer) for decision in drafts)
        return {
            "capacity": list(capacity_of(edition)),
            # Offers first, refusals last.
            "verdicts": [
                (PendingDecision(verdict=verdict, offer=offer).in_words, numbers[verdict, offer])
                for verdict, offer in DECISION_KINDS
                if numbers[verdict, offer]
            ],
            "reply_by_on": next((row.expression.reply_by_on for row in drafts if row.offer), None),
        }
