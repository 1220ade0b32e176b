"""Rendered forms: labels, hints, errors and the error summary."""

import re

import pytest
from crispy_forms.utils import render_crispy_form
from django import forms
from django.template import Context, Template

from apps.core.forms import ErrorLink, error_links
from tests.factories import make_call_edition, make_edition


class Everything(forms.Form):
    name = forms.CharField(help_text="As in the programme", error_messages={"required": "Enter it"})
    nickname = forms.CharField(required=False)
    kind = forms.ChoiceField(
        choices=[("a", "A"), ("b", "B")],
        widget=forms.RadioSelect,
        help_text="Choose one",
        error_messages={"required": "Choose a kind"},
    )
    topics = forms.MultipleChoiceField(
        choices=[("a", "A"), ("b", "B")],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose a topic"},
    )
    stays = forms.BooleanField(required=False)
    secret = forms.CharField(widget=forms.HiddenInput, error_messages={"required": "Begin anew"})

    def clean(self) -> None:
        raise forms.ValidationError("Two <b>things</b> do not fit")


def _summary(*candidates) -> str:
    template = Template("{% load core %}{% error_summary a b %}")
    a, b = (*candidates, None)[:2]
    return template.render(Context({"a": a, "b": b}))


def test_every_error_links_to_an_existing_control():
    form = Everything({})

    links = error_links(form)

    html = render_crispy_form(form)
    assert links == [
        ErrorLink("Two <b>things</b> do not fit", "id_name"),
        ErrorLink("Enter it", "id_name"),
        ErrorLink("Choose a kind", "id_kind_0"),
        ErrorLink("Choose a topic", "id_topics_0"),
        ErrorLink("Begin anew", "id_name"),
    ]
    assert [link.target for link in links if f'id="{link.target}"' not in html] == []


def test_the_summary_takes_the_focus_and_is_escaped():
    html = _summary(Everything({}))

    assert 'role="alert" tabindex="-1" autofocus' in html
    assert "Two &lt;b&gt;things&lt;/b&gt; do not fit" in html


@pytest.mark.parametrize("candidate", [None, "", Everything()])
def test_without_errors_there_is_no_summary(candidate):
    assert _summary(candidate).strip() == ""


def test_optional_fields_are_marked_and_required_ones_are_not():
    html = render_crispy_form(Everything())

    assert re.findall(r">([^<>]+) \(optional\)<", html) == ["Nickname"]
    assert "*" not in html


def test_hints_and_errors_precede_and_describe_their_control():
    html = render_crispy_form(Everything({}))

    described = set(re.findall(r'aria-describedby="([^"]+)"', html))
    assert described == {
        "id_name_helptext id_name_error",
        "id_kind_helptext id_kind_error",
        "id_topics_error",
    }
    for name in " ".join(described).split():
        assert html.count(f'id="{name}"') == 1
    assert html.index('id="id_kind_error"') < html.index('id="id_kind_0"')
    assert html.index('id="id_name_error"') < html.index('id="id_name"')


@pytest.mark.parametrize(
    "path",
    [
        "/2024/interest/",
        "/2024/interest/new-link/",
        "/2024/speaker/new-link/",
        "/accounts/login/",
        "/accounts/password/reset/",
    ],
)
def test_no_browser_changes_the_domain_of_an_address(db, client, path):
    make_call_edition(slug="2024")

    _assert_text_control(client.get(path).content.decode())


def test_no_browser_changes_the_domain_of_an_address_at_the_desk(as_chair):
    edition = make_edition()
    for path in (f"editions/edition/{edition.pk}/change/", "accounts/invitation/add/"):
        _assert_text_control(as_chair.get(f"/admin/{path}").content.decode())


def _assert_text_control(page: str) -> None:
    # Chromium sends type="email" with "straße" as "strasse".
    assert 'inputmode="email"' in page
    assert 'type="email"' not in page
