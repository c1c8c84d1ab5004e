from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "sts_qa.reports"
    label = "reports"
