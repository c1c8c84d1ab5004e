from django.apps import AppConfig


class RatingConfig(AppConfig):
    name = "sts_qa.rating"
    label = "rating"
