import pytest


@pytest.fixture(autouse=True)
def _only_accessible_documents(caplog):
    """A document that had to be made without tags for screen readers fails its test."""
    yield
    assert "is not PDF/UA" not in caplog.text
