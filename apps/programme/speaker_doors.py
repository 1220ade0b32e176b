"""The ways in to a speaker's page, for those who have not come in yet."""

from django.views.decorators.http import require_safe

from apps.core.methods import asks
from apps.core.private import private_page
from apps.programme.speaker_access import DOOR

link = asks(private_page(DOOR.open))
new_link = asks(private_page(DOOR.ask))
new_link_sent = require_safe(private_page(DOOR.sent))
