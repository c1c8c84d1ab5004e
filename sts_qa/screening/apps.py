from django.apps import AppConfig


class ScreeningConfig(AppConfig):
    name = "sts_qa.screening"
    label = "screening"
