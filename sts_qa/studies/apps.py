from django.apps import AppConfig


class StudiesConfig(AppConfig):
    name = "sts_qa.studies"
    label = "studies"
