"""Addresses of the API, and of the pages about tokens.

Which endpoint has which address stands at the end of each resource's file.
"""

from __future__ import annotations

from django.urls import include, path, re_path

from sts_qa.api import program_tokens, views
from sts_qa.api.resources import (
    dataset_members,
    datasets,
    decisions,
    imported,
    imports,
    items,
    jobs,
    masks,
    members,
    metrics,
    oversight,
    pixels,
    programs,
    protocols,
    queue,
    ratings,
    reports,
    sample,
    studies,
    viewing,
)

app_name = "api"

resources = [
    *dataset_members.addresses,
    *datasets.addresses,
    *decisions.addresses,
    *imported.addresses,
    *imports.addresses,
    *items.addresses,
    *jobs.addresses,
    *masks.addresses,
    *members.addresses,
    *metrics.addresses,
    *oversight.addresses,
    *pixels.addresses,
    *programs.addresses,
    *protocols.addresses,
    *reports.addresses,
    *sample.addresses,
    *queue.addresses,
    *ratings.addresses,
    *studies.addresses,
    *viewing.addresses,
]


tokens = "account/tokens/"
tokens_of_program = "studies/<uuid:study_id>/members/<int:member>/tokens/"
urlpatterns = [
    path(tokens, views.list_tokens, name="list_tokens"),
    path(f"{tokens}new/", views.create_token, name="create_token"),
    path(f"{tokens}revoke/", views.revoke_all_tokens, name="revoke_all_tokens"),
    path(f"{tokens}<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path(tokens_of_program, program_tokens.manage_program_tokens, name="manage_program_tokens"),
    path(
        f"{tokens_of_program}<int:token_id>/revoke/",
        program_tokens.revoke_program_token,
        name="revoke_program_token",
    ),
    path("api/v1/docs/", views.show_reference, name="show_reference"),
    path("api/v1/openapi.json", views.send_document, name="send_document"),
    path("api/v1/problems/<slug:slug>/", views.show_problem, name="show_problem"),
    path("api/v1/", include(resources)),
    re_path(r"^api/", views.no_such_address, name="no_such_address"),
]
