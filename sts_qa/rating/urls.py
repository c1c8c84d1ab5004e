from django.urls import path

from sts_qa.rating.views import (
    assignments,
    clarifications,
    conditions,
    import_ratings,
    items,
    late,
    pixels,
    problems,
    progress,
    questions,
    rate_study,
)

app_name = "rating"
urlpatterns = [
    path("import/", import_ratings.import_ratings, name="import_ratings"),
    path("<uuid:study>/", rate_study.rate_study, name="rate_study"),
    path("<uuid:study>/queue/", rate_study.list_queue, name="list_queue"),
    path("<uuid:study>/ratings/", rate_study.list_own_ratings, name="list_own_ratings"),
    path("<uuid:study>/conditions/", conditions.state_conditions, name="state_conditions"),
    path("assignments/<slug:token>/", assignments.show_assignment, name="show_assignment"),
    path("assignments/<slug:token>/ratings/", assignments.submit_rating, name="submit_rating"),
    path("assignments/<slug:token>/draft/", assignments.save_draft, name="save_draft"),
    path("assignments/<slug:token>/shown/", assignments.mark_shown, name="mark_shown"),
    path("assignments/<slug:token>/skip/", assignments.skip_assignment, name="skip_assignment"),
    path("assignments/<slug:token>/problems/", assignments.report_problem, name="report_problem"),
    path("pixels/<slug:token>/image", pixels.send_image, name="send_image"),
    path("pixels/<slug:token>/mask", pixels.send_mask, name="send_mask"),
    path(
        "pixels/<slug:token>/mask/<slug:plane>/<int:index>",
        pixels.send_mask_slice,
        name="send_mask_slice",
    ),
    path("pixels/<slug:token>/picture", pixels.send_picture, name="send_picture"),
    path("pixels/<slug:token>/<slug:plane>/<int:index>", pixels.send_slice, name="send_slice"),
    path("<uuid:study>/progress/", progress.show_progress, name="show_progress"),
    path("<uuid:study>/progress/table/", progress.show_progress_table, name="show_progress_table"),
    path("<uuid:study>/problems/", problems.list_problems, name="list_problems"),
    path("<uuid:study>/problems/<uuid:report>/", problems.decide_problem, name="decide_problem"),
    path("<uuid:study>/items/<int:number>/", items.change_item, name="change_item"),
    path("assignments/<slug:token>/questions/", questions.ask_question, name="ask_question"),
    path("<uuid:study>/questions/", questions.list_questions, name="list_questions"),
    path(
        "<uuid:study>/questions/<uuid:question>/close/",
        questions.close_question,
        name="close_question",
    ),
    path(
        "<uuid:study>/clarifications/new/",
        clarifications.publish_clarification,
        name="publish_clarification",
    ),
    path(
        "<uuid:study>/clarifications/<int:number>/acknowledged/",
        clarifications.acknowledge_clarification,
        name="acknowledge_clarification",
    ),
    path("<uuid:study>/late/", late.list_late_ratings, name="list_late_ratings"),
    path("<uuid:study>/late/<uuid:rating>/", late.admit_rating, name="admit_rating"),
]
