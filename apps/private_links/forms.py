"""The form that asks for an email address."""

from django import forms

from apps.core.forms import AddressField


class EmailForm(forms.Form):
    """One email address, of a person without an account."""

    email = AddressField(label="E-mail address", missing="Enter your e-mail address")
