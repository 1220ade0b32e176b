"""Tokens of private links are masked in the log."""

import logging

import pytest

from apps.core.logs import MaskingFormatter, mask_tokens


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("GET /invitations/abc_-123/ 500", "GET /invitations/[masked]/ 500"),
        ("/invitations/abc?x=1", "/invitations/[masked]?x=1"),
        (
            "https://x.example.org/accounts/password/reset/key/1-set-abc/",
            "https://x.example.org/accounts/password/reset/key/[masked]/",
        ),
        ("/accounts/confirm-email/MQ:1abc/", "/accounts/confirm-email/[masked]/"),
        ("POST /2024/interest/link/abc_-123/ 302", "POST /2024/interest/link/[masked]/ 302"),
        ("POST /2024/speaker/link/abc_-123/ 302", "POST /2024/speaker/link/[masked]/ 302"),
        ("/2024/interest/let-in/abc_-123/", "/2024/interest/let-in/[masked]/"),
        ("/2024/interest/R7K2QD/", "/2024/interest/R7K2QD/"),
        ("/2024/people/", "/2024/people/"),
    ],
)
def test_a_token_in_a_path_is_masked(line, masked):
    assert mask_tokens(line) == masked


def test_a_token_in_a_traceback_is_masked():
    try:
        raise ValueError("no such page: /invitations/abc/")
    except ValueError as fault:
        record = logging.LogRecord(
            "x", logging.ERROR, "x.py", 1, "at %s", ("/invitations/abc/",), None
        )
        record.exc_info = (type(fault), fault, fault.__traceback__)

    line = MaskingFormatter("{message}", style="{").format(record)

    assert line.startswith("at /invitations/[masked]/\nTraceback")
    assert line.endswith("ValueError: no such page: /invitations/[masked]/")


@pytest.mark.django_db
def test_refused_requests_are_logged_and_missing_pages_are_not(client, as_reviewer, caplog):
    client.get("/nowhere/")
    client.post("/")
    as_reviewer.get("/admin/accounts/user/")

    assert [record.getMessage() for record in caplog.records] == [
        "Forbidden (Permission denied): /admin/accounts/user/"
    ]


@pytest.mark.parametrize("name", ["", "django.server"])
def test_every_log_handler_masks_tokens(settings, name):
    handlers = [handler for handler in logging.getLogger(name).handlers if handler.formatter]

    masking = [h for h in handlers if isinstance(h.formatter, MaskingFormatter)]
    assert settings.LOGGING["handlers"].keys() == {"terminal"}
    assert len(masking) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headers", "body", "line"),
    [
        ({"host": "evil.example.org"}, "", "Invalid HTTP_HOST header: 'evil.example.org'."),
        ({}, "x=&" * 30_000, "The number of GET/POST parameters exceeded"),
    ],
)
def test_a_request_that_anybody_can_send_costs_no_traceback(
    client, monkeypatch, headers, body, line
):
    (handler,) = logging.getLogger().handlers[:1]
    lines: list[str] = []
    monkeypatch.setattr(
        handler, "emit", lambda record: lines.extend(handler.format(record).split("\n"))
    )

    response = client.post(
        "/accounts/login/", body, "application/x-www-form-urlencoded", headers=headers
    )

    assert response.status_code == 400
    assert len(lines) == 1
    assert line in lines[0]


def test_a_fault_of_ours_keeps_its_traceback(monkeypatch):
    (handler,) = logging.getLogger().handlers[:1]
    lines: list[str] = []
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(handler.format(record)))

    try:
        raise RuntimeError("ours")
    except RuntimeError:
        logging.getLogger("django.request").exception("Internal Server Error: /")

    assert "Traceback" in lines[0]
