"""The ways in to a speaker's page, for those who have not come in yet."""

from django.views.decorators.http import require_safe

from apps.contributors.speaker_access import DOOR
from apps.core.decorators import private_page, require_GET_POST

link = require_GET_POST(private_page(DOOR.open))
new_link = require_GET_POST(private_page(DOOR.ask))
new_link_sent = require_safe(private_page(DOOR.sent))
