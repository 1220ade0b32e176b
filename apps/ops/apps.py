from django.apps import AppConfig


class OpsConfig(AppConfig):
    name = "apps.ops"

    def ready(self) -> None:
        from django.db.models.signals import post_delete, post_save

        from apps.editions.models import Edition
        from apps.ops.freezing.editions import thaw_after_commit

        for signal in (post_save, post_delete):
            signal.connect(thaw_after_commit, sender=Edition, dispatch_uid="frozen_editions")
