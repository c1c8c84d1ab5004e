from django.apps import AppConfig


class MeasurementsConfig(AppConfig):
    name = "sts_qa.measurements"
    label = "measurements"

    def ready(self) -> None:
        from sts_qa.catalogue import extensions
        from sts_qa.measurements.views.item import metrics_panel

        extensions.ITEM_PANELS.append(
            extensions.ItemPanel("measurements/_panel.html", metrics_panel)
        )
