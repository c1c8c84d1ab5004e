"""Settings of STS-QA; every value an installation may change comes from `environment.SETTINGS`."""

import os
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from django.utils.translation import gettext_lazy as _

from sts_qa.environment import check_names, database_from_url, read_setting

check_names()

BASE_FOLDER = Path(__file__).resolve().parent.parent
DATA_FOLDER = Path(read_setting("STS_QA_DATA")).expanduser().resolve()
DATA_FOLDER.mkdir(parents=True, exist_ok=True)
SOFTWARE_VERSION = "0.1.0"


def _secret_key() -> str:
    """Return the configured key, or the one made at the first start and kept beside the data."""
    if key := read_setting("STS_QA_SECRET_KEY"):
        return key
    file = DATA_FOLDER / "secret_key"
    try:
        descriptor = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return file.read_text()
    with open(descriptor, "w") as target:
        target.write(secrets.token_urlsafe(64))
    return file.read_text()


# Web server
ADDRESS = read_setting("STS_QA_ADDRESS")
SECURE = urlsplit(ADDRESS).scheme == "https"
SECRET_KEY = _secret_key()
DEBUG = read_setting("STS_QA_DEBUG")
ALLOWED_HOSTS = [
    urlsplit(ADDRESS).hostname,
    "localhost",
    "127.0.0.1",
    *read_setting("STS_QA_ALLOWED_HOSTS"),
]
CSRF_TRUSTED_ORIGINS = [ADDRESS]
WSGI_APPLICATION = "sts_qa.wsgi.application"
ROOT_URLCONF = "sts_qa.urls"

# Cookies and headers follow the configured scheme: rating also works over plain HTTP on a LAN
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365 if SECURE else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = SECURE
SECURE_SSL_REDIRECT = SECURE
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SECURE else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin" if SECURE else None
X_FRAME_OPTIONS = "DENY"

INSTALLED_APPS = [
    "sts_qa.audit",
    "sts_qa.accounts",
    "sts_qa.jobs",
    "sts_qa.catalogue",
    "sts_qa.protocols",
    "sts_qa.measurements",
    "sts_qa.screening",
    "sts_qa.studies",
    "sts_qa.rating",
    "sts_qa.reports",
    "sts_qa.api",
    "sts_qa.cli",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "sts_qa.accounts.middleware.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "sts_qa.accounts.middleware.AccountLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "sts_qa.accounts.middleware.WholePageForPartials",
    "sts_qa.accounts.middleware.RecordingNotice",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_FOLDER / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sts_qa.accounts.context_processors.page_frame",
            ]
        },
    }
]

# Database: SQLite beside the data unless a PostgreSQL address is given
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
if database_url := read_setting("DATABASE_URL"):
    DATABASES = {"default": database_from_url(database_url)}
else:
    DATABASES = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": DATA_FOLDER / "sts-qa.sqlite3",
            # Opening the file and reading its tables again takes longer than a page's query
            "CONN_MAX_AGE": 600,
            "OPTIONS": {
                "timeout": 20,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
            },
            # Five raters in threads lock an in-memory database up
            "TEST": {"NAME": DATA_FOLDER / "test.sqlite3"},
        }
    }

# Accounts
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:log_in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "accounts:log_in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "sts_qa.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "sts_qa.accounts.passwords.UnlikeTheAccount"},
    {"NAME": "sts_qa.accounts.passwords.NotCommon"},
    {"NAME": "sts_qa.accounts.passwords.NotOnlyDigits"},
]

# Language and time
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_FOLDER / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# Files
STATIC_URL = "static/"
STATIC_ROOT = DATA_FOLDER / "static"
STATICFILES_DIRS = [BASE_FOLDER / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "sts_qa.static_storage.HashedStaticFiles"},
}
WHITENOISE_MAX_AGE = 60
MEDIA_ROOT = DATA_FOLDER / "uploads"
FILE_UPLOAD_TEMP_DIR = None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_ROOTS = [Path(root).expanduser().resolve() for root in read_setting("STS_QA_IMPORT_ROOTS")]
UPLOAD_LIMIT_BYTES = read_setting("STS_QA_UPLOAD_LIMIT_MB") * 1024 * 1024
UNPACKED_LIMIT_BYTES = read_setting("STS_QA_UNPACKED_LIMIT_MB") * 1024 * 1024
STORE_LIMIT_BYTES = read_setting("STS_QA_STORE_LIMIT_MB") * 1024 * 1024

# Long work
WORKERS = read_setting("STS_QA_WORKERS")
DASK_SCHEDULER = read_setting("STS_QA_DASK_SCHEDULER")

# REST API; what an endpoint is stands in `sts_qa.api.routing`
API_RATE = read_setting("STS_QA_API_RATE")
API_PIXEL_RATE = read_setting("STS_QA_API_PIXEL_RATE")
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "sts_qa.api.openapi.EndpointSchema",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "STS-QA",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "DESCRIPTION": (
        "Everything a person can do on the pages of STS-QA, a program can do here, with the same "
        "permissions, the same record of acts and the same blinding."
    ),
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Not the hook for enums: codes stand at their field, or every "state" would need its own name
    "POSTPROCESSING_HOOKS": [
        "sts_qa.api.links.add_links",
        "sts_qa.api.openapi.add_tags",
        "sts_qa.api.answer_schemas.open_answers",
    ],
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "LICENSE": {"name": "MIT"},
}

DEMONSTRATION = read_setting("STS_QA_DEMONSTRATION")
BREAK_MINUTES = read_setting("STS_QA_BREAK_MINUTES")
BIND = read_setting("STS_QA_BIND")
THREADS = read_setting("STS_QA_THREADS")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"sts_qa": {"level": "INFO"}},
}
