from django.apps import AppConfig


class RatingConfig(AppConfig):
    name = "sts_qa.rating"
    label = "rating"

    def ready(self) -> None:
        # Models are there only now
        from django.contrib.auth.signals import user_logged_in

        from sts_qa.rating.actions.conditions import forget_conditions

        user_logged_in.connect(forget_conditions, dispatch_uid="rating.forget_conditions")
