"""Times in the admin as on the rest of the site: 16:56, not 4:56 p.m."""

TIME_FORMAT = "H:i"
DATETIME_FORMAT = "j M Y, H:i"
