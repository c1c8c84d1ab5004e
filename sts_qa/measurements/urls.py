from django.urls import path

from sts_qa.measurements import views

app_name = "measurements"
urlpatterns = [
    path("<int:dataset_id>/metrics/", views.show_metrics, name="show_metrics"),
    path("<int:dataset_id>/metrics/start/", views.start_metrics, name="start_metrics"),
]
