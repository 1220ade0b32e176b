from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "apps.printing"
    verbose_name = "Printing"

    def ready(self) -> None:
        from apps.printing import attendees, book, signs

        book.register()
        signs.register()
        attendees.register()
