"""Which methods a view answers, where Django has no word for them."""

from django.views.decorators.http import require_http_methods

# A page that asks something: it is shown, and what was filled in is sent to it.
asks = require_http_methods(["GET", "HEAD", "POST"])
