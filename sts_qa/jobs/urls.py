from django.urls import path

from sts_qa.jobs import views

app_name = "jobs"
urlpatterns = [
    path("<uuid:public_id>/", views.show_job, name="show_job"),
    path("<uuid:public_id>/progress/", views.show_progress, name="show_progress"),
    path("<uuid:public_id>/cancel/", views.cancel_job, name="cancel_job"),
]
