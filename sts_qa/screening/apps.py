from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "sts_qa.screening"
    label = "screening"

    def ready(self) -> None:
        from sts_qa.catalogue import extensions
        from sts_qa.screening import queries
        from sts_qa.screening.forms import decision_panel

        extensions.DECISIONS.outcome = queries.latest_outcome_field
        extensions.DECISIONS.accepted_version = queries.accepted_version_field
        extensions.ITEM_PANELS.append(
            extensions.ItemPanel("screening/_decisions.html", decision_panel)
        )
