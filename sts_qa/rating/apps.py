from django.apps import AppConfig


class RatingConfig(AppConfig):
    name = "sts_qa.rating"
    label = "rating"

    def ready(self) -> None:
        # Models are there only now
        from django.contrib.auth.signals import user_logged_in

        from sts_qa.rating.actions.conditions import forget_conditions
        from sts_qa.rating.queries.questions import open_question_count
        from sts_qa.studies.navigation import TAB_COUNTS

        user_logged_in.connect(forget_conditions, dispatch_uid="rating.forget_conditions")
        TAB_COUNTS["rating:list_questions"] = open_question_count
