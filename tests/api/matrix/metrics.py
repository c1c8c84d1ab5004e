from tests.api.matrix import Line

READS = "401 403 403 403 200 | 200 403 200 404"
LINES = {
    "start_metrics": Line("401 403 403 403 202 | 403 403 202 404"),
    "show_metrics": Line(READS),
    "list_metric_values": Line(READS),
    "list_item_metrics": Line(READS),
}
