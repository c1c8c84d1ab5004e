from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "sts_qa.api"
    label = "api"
