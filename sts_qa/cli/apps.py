from django.apps import AppConfig


class CommandLineConfig(AppConfig):
    name = "sts_qa.cli"
    label = "cli"
