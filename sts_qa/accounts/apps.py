from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "sts_qa.accounts"
    label = "accounts"
