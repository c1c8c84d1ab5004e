from tests.api.matrix import Line

LINES = {
    "list_jobs": Line("401 200 200 200 200 | 200 403 200 200"),
    "show_job": Line("401 404 404 404 200 | 200 403 200 404"),
    "cancel_job": Line("401 404 404 404 200 | 403 403 200 404"),
}
