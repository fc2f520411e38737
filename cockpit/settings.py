"""Settings of the Django processes, from the environment alone.

Every `X` may be given as `X_FILE`, the path of a file that holds the value. Logic never imports
this module: it gets frozen configuration values passed in.
"""

from pathlib import Path

import environ

from cockpit.embedded.parts import remembered

env = environ.FileAwareEnv()

ROOT = Path(__file__).resolve().parent.parent
STELLWERK_HOME = Path(env.str("STELLWERK_HOME", default=str(ROOT / "var")))


def _made_once(name: str) -> str:
    """Return the text of a file that `manage.py up` makes at the first start, empty before."""
    path = STELLWERK_HOME / name
    return path.read_text().strip() if path.is_file() else ""


SECRET_KEY = env.str("STELLWERK_SECRET_KEY", default="") or _made_once("secret-key") or "not-set"
DEBUG = env.bool("STELLWERK_DEBUG", default=False)
ALLOWED_HOSTS = env.list("STELLWERK_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("STELLWERK_ORIGINS", default=[])

STELLWERK_CONTROLLER_ID = env.str("STELLWERK_CONTROLLER_ID", default="controller")
STELLWERK_TIME_ZONE = env.str("STELLWERK_TIME_ZONE", default="UTC")
STELLWERK_ENVIRONMENT = env.str("STELLWERK_ENVIRONMENT", default="")
STELLWERK_HISTORY_DAYS = env.int("STELLWERK_HISTORY_DAYS", default=90)
STELLWERK_MEMBER = env.str("STELLWERK_MEMBER", default="cockpit-1")
STELLWERK_SIGNING_KEY = env.str("STELLWERK_SIGNING_KEY", default="")
STELLWERK_IMPORT_SIGNATURES = env.str("STELLWERK_IMPORT_SIGNATURES", default="off")
STELLWERK_IMPORT_SIGNERS = env.str("STELLWERK_IMPORT_SIGNERS", default="")
STELLWERK_GIT_SCHEMES = env.list("STELLWERK_GIT_SCHEMES", default=["https", "ssh"])
STELLWERK_GIT_HOSTS = env.list("STELLWERK_GIT_HOSTS", default=[])
STELLWERK_GIT_FOLDERS = env.list("STELLWERK_GIT_FOLDERS", default=[])
STELLWERK_GIT_TIMEOUT = env.int("STELLWERK_GIT_TIMEOUT", default=60)

# `manage.py up` leaves the addresses of its embedded parts: other terminals find them there.
_left = remembered(STELLWERK_HOME)
DATABASE_URL = env.str("DATABASE_URL", default=_left.get("DATABASE_URL", "postgres:///stellwerk"))
BROKER_URL = env.str("BROKER_URL", default=_left.get("BROKER_URL", "redis://localhost/0"))
CHANNEL_URL = env.str("CHANNEL_URL", default="")

DATABASES = {"default": env.db_url_config(DATABASE_URL)}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "pool": {"min_size": 1, "max_size": 16, "timeout": 3},
}
# After the database was away, its broken connections are found by a look and not by a request.
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
    "django_celery_beat",
    "channels",
    "cluster",
    "agents",
    "controller",
    "inventory",
    "dailyplan",
    "history",
    "cockpit",
]

MIDDLEWARE = [
    "cockpit.access.request_id.RequestId",
    "cockpit.measured.Measured",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "cockpit.urls"
ASGI_APPLICATION = "cockpit.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/sign-in/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en"
USE_I18N = False
USE_TZ = True
TIME_ZONE = "UTC"

# What fails is told once, with its request id; what is refused is told to who has asked, and a
# standby's 503 to a probe is no error. Said here, for each set-up of Django begins anew from this.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {"django.request": {"level": "CRITICAL"}},
}

# The largest text of a draft, with the escapes that JSON adds; views of the API set lower limits.
DATA_UPLOAD_MAX_MEMORY_SIZE = 40 * 1024 * 1024

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_SCHEMA_CLASS": "cockpit.api.schema.StructSchema",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Stellwerk",
    "DESCRIPTION": "Workload automation: workflows, orders, agents, history.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": True,
    "POSTPROCESSING_HOOKS": ["cockpit.api.schema.add_components"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
