from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "apps.printing"
    verbose_name = "Printing"

    def ready(self) -> None:
        from apps.contributors.speakers import register_speaker_panel
        from apps.interest.student.display import register_student_panel
        from apps.printing import attendees, book, certificates, signs, views
        from apps.registration.own_pages import register_registration_panel

        book.register()
        signs.register()
        attendees.register()
        certificates.register()
        register_student_panel("certificates", views.student_panel)
        register_speaker_panel(views.speaker_panel)
        register_registration_panel(views.registration_panel)
