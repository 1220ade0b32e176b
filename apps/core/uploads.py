"""How much may be sent to us at once."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class LimitedUploadHandler(FileUploadHandler):
    """Stands before Django's own handlers and stops a request that is too large unread.

    Django limits everything but files, and it reads those of anonymous visitors too, while
    it looks for the token against forged forms: any of them could fill the disk.
    """

    def handle_raw_input(
        self, input_data, meta, content_length: int, boundary, encoding=None
    ) -> None:
        """Raises RequestDataTooBig above settings.LARGEST_REQUEST bytes."""
        if content_length > settings.LARGEST_REQUEST:
            raise RequestDataTooBig("The request is larger than LARGEST_REQUEST.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Leaves the data to the handlers behind this one."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """The file is theirs, too."""
