from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "sts_qa.audit"
    label = "audit"
