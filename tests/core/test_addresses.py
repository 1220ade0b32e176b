"""The ASCII form of e-mail addresses, and hints at mistyped providers."""

import pytest

from apps.core.addresses import DOMAIN_FORM, LOCAL_PART_FORM, ascii_address, suggest_address


@pytest.mark.parametrize(
    ("address", "encoded"),
    [
        ("ada@example.org", "ada@example.org"),
        ("ada@bücher.example", "ada@xn--bcher-kva.example"),
        ("ada@BÜCHER.example", "ada@xn--bcher-kva.example"),
        ("ada@bu\u0308cher.example", "ada@xn--bcher-kva.example"),
        ("ada@xn--bcher-kva.example", "ada@xn--bcher-kva.example"),
        # IDNA 2003 would write to another domain: "strasse".
        ("ada@straße.example", "ada@xn--strae-oqa.example"),
        ("ada@ｂücher.example", "ada@xn--bcher-kva.example"),
        ("ada@ελλάς.gr", "ada@xn--hxarsa0b.gr"),
        ("ada@例え.jp", "ada@xn--r8jz45g.jp"),
        ("ada@пример.рф", "ada@xn--e1afmkfd.xn--p1ai"),
        ("ada@example.भारत", "ada@example.xn--h2brj9c"),
    ],
)
def test_domains_are_encoded_as_in_idna_2008(address, encoded):
    assert ascii_address(address) == encoded


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("ädä@example.org", LOCAL_PART_FORM),
        ("ädä@bücher.example", LOCAL_PART_FORM),
        ("ada@ex“ample.org", DOMAIN_FORM),
        ("ada@\u0301x.example", DOMAIN_FORM),
        ("ada@☃.example", DOMAIN_FORM),
        (f"ada@{'ü' * 64}.example", DOMAIN_FORM),
        ("ada@xn--zzzzzzzzzzzzzzz.example", DOMAIN_FORM),
        ("ada@xn--a.example", DOMAIN_FORM),
        ("ada@example.XN--ZZZZZZZZZZZZZZZ", DOMAIN_FORM),
    ],
)
def test_addresses_without_an_ascii_form_are_refused_with_a_reason(address, reason):
    with pytest.raises(ValueError, match="We cannot write to this address") as refusal:
        ascii_address(address)

    assert str(refusal.value) == reason


@pytest.mark.parametrize(
    ("domain", "suggested"),
    [
        ("gmial.com", "gmail.com"),
        ("gmail.co", "gmail.com"),
        ("GMAIL.CON", "gmail.com"),
        ("gnail.com", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("outlok.com", "outlook.com"),
        ("yaho.com", "yahoo.com"),
        ("icloud.co", "icloud.com"),
    ],
)
def test_a_mistyped_provider_is_recognised(domain, suggested):
    assert suggest_address(f"Ada.B@{domain}") == f"Ada.B@{suggested}"


@pytest.mark.parametrize(
    "domain",
    [
        *("gmail.com", "Gmail.com", "ymail.com", "mail.com", "email.com", "fastmail.com"),
        *("hotmail.de", "hotmail.co.uk", "yahoo.fr", "yahoo.com.br", "outlook.com.br"),
        *("protonmail.ch", "aol.com", "gmx.de", "qq.com", "163.com", "cs.ox.ac.uk", "example.org"),
        *("bücher.example", "", "x" * 250),
    ],
)
def test_other_domains_get_no_hint(domain):
    assert suggest_address(f"ada@{domain}") == ""
