from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    name = "sts_qa.catalogue"
    label = "catalogue"
