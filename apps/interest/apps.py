from django.apps import AppConfig


class InterestConfig(AppConfig):
    name = "apps.interest"
    verbose_name = "Expressions of interest"

    def ready(self) -> None:
        from apps.interest.links import make_student_link
        from apps.mail.links import register_link_maker

        register_link_maker("interest", make_student_link)
