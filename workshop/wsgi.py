"""The WSGI application: the page cache in front of Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
_django = get_wsgi_application()

from apps.core.page_cache import PageCache  # noqa: E402  # needs the settings

application = PageCache(_django)
