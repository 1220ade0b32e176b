from datetime import timedelta

from django.apps import AppConfig


class PrivateLinksConfig(AppConfig):
    name = "apps.private_links"

    def ready(self) -> None:
        from apps.core.periodic_tasks import register_task
        from apps.mail.texts import register_labels
        from apps.private_links.requests import answer_requests

        register_labels({"private_links/unknown": "A link asked for by an unknown address"})
        register_task("requests for a new link", every=timedelta(seconds=1), run=answer_requests)
