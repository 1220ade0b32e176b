"""Times on the desk as everywhere else on the site: 16:56, not 4:56 p.m. The rest is Django's."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
