from tests.api.matrix import Line

SETTINGS = {"categories": [], "presets": [], "values_are_hounsfield": True}
LINES = {
    "show_viewing": Line("401 403 403 403 200 | 200 403 200 404"),
    "set_viewing": Line("401 403 403 403 200 | 403 403 200 404", body=lambda world: SETTINGS),
}
