from datetime import timedelta

from django.apps import AppConfig


class ContributorsConfig(AppConfig):
    name = "apps.contributors"

    def ready(self) -> None:
        from apps.contributors import speakers, views
        from apps.contributors.models import Proposal
        from apps.core.files import delete_unused_files
        from apps.core.periodic_tasks import register_task
        from apps.interest.student.display import register_student_data, register_student_panel
        from apps.mail.services import register_link_maker
        from apps.mail.texts import register_labels
        from apps.private_links.requests import register_link_sender
        from apps.programme.letters import register_letters

        delete_unused_files(Proposal, "file")
        speakers.register_link_text()
        register_letters(speakers.speaker_letters)
        register_labels(
            {
                "contributors/edit_notice": "To organisers: changes by a speaker",
                "contributors/new_link": "A speaker's link, asked for again",
            }
        )
        register_link_maker(speakers.LINK_MAKER, speakers.make_speaker_link)
        register_link_sender("contributors:speaker-new-link", speakers.send_speaker_links)
        register_task(
            "speakers' addresses", every=timedelta(hours=6), run=speakers.delete_addresses
        )
        register_student_panel("programme", views.student_panel)
        register_student_data("programme", views.student_data)
