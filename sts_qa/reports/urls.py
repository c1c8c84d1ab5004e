from django.urls import path

from sts_qa.reports import views

app_name = "reports"
urlpatterns = [
    path("<uuid:study_id>/", views.list_reports, name="list_reports"),
    path("<uuid:study_id>/<slug:slug>/", views.show_report, name="show_report"),
    path("<uuid:study_id>/<slug:slug>/download/", views.download_report, name="download_report"),
]
