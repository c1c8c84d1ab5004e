from django.apps import AppConfig


class ProtocolsConfig(AppConfig):
    name = "sts_qa.protocols"
    label = "protocols"
