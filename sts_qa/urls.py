"""All addresses, one line per app."""

from django.urls import include, path
from django.views.generic import RedirectView

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="studies:list_studies"), name="home"),
    path("account/", include("sts_qa.accounts.urls")),
    path("jobs/", include("sts_qa.jobs.urls")),
    path("datasets/", include("sts_qa.catalogue.urls")),
    path("datasets/", include("sts_qa.screening.urls")),
    path("datasets/", include("sts_qa.measurements.urls")),
    path("protocols/", include("sts_qa.protocols.urls")),
    path("studies/", include("sts_qa.studies.urls")),
    path("rating/", include("sts_qa.rating.urls")),
    path("reports/", include("sts_qa.reports.urls")),
    path("", include("sts_qa.api.urls")),
]

handler400 = "sts_qa.api.views.refuse_request"
