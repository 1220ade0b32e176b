"""What the server runs: pages in memory; what is sent received, large uploads in turn; Django."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "workshop.settings")
_django = get_wsgi_application()

# After Django is set up, since these read its settings and models.
from apps.core.page_cache import PageCache  # noqa: E402
from apps.core.pool import Pool  # noqa: E402
from apps.core.receiving import Receiving  # noqa: E402
from apps.core.uploads_in_turn import UploadsInTurn  # noqa: E402

application = PageCache(Receiving(UploadsInTurn(Pool(_django))))
