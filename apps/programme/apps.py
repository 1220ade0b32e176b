from datetime import timedelta

from django.apps import AppConfig

from apps.core.public_version import publish

# Speakers' own links and what they wrote that waits for a nod; letters; whose expression it was.
_NOT_FOR_THE_PUBLIC = frozenset(
    {"Speaker", "SpeakerLink", "SpeakerRules", "Proposal", "ContributionLetter", "Origin"}
)


class ProgrammeConfig(AppConfig):
    name = "apps.programme"

    def ready(self) -> None:
        from apps.core.periodic_tasks import register_task
        from apps.interest.student_data import register_student_data
        from apps.interest.student_panels import register_student_panel
        from apps.mail.links import register_link_maker
        from apps.programme import slides, student_panel
        from apps.programme.forgetting import follow_expressions
        from apps.programme.letter_texts import register_texts
        from apps.programme.models import Contribution, Proposal
        from apps.programme.speakers import (
            forget_addresses,
            make_speaker_link,
            register_speakers_letter,
        )

        slides.follow_rows(Contribution)
        slides.follow_rows(Proposal, "file")
        follow_expressions()
        register_speakers_letter()
        register_texts()
        register_link_maker("programme", make_speaker_link)
        register_task("speakers' addresses", every=timedelta(hours=6), run=forget_addresses)
        register_student_panel("programme", student_panel.draw)
        register_student_data("programme", student_panel.everything_about)
        publish(self, private=_NOT_FOR_THE_PUBLIC, history=True)
