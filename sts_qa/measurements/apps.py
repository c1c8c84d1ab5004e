from django.apps import AppConfig


class MeasurementsConfig(AppConfig):
    name = "sts_qa.measurements"
    label = "measurements"
