import pytest


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    """Use as `with commit():` to run the callbacks that follow a commit."""
    return lambda: django_capture_on_commit_callbacks(execute=True)
