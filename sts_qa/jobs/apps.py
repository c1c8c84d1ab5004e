from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "sts_qa.jobs"
    label = "jobs"
