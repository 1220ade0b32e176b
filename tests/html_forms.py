"""What a browser sends for a form that nobody touched."""

from html.parser import HTMLParser

from django.test import Client


class _FormReader(HTMLParser):
    """Collects the values of the form whose id ends with `_form`."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.is_inside = False
        self.textarea, self.select = "", ""
        self.first_option: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.is_inside = given.get("id", "").endswith("_form")
        if not self.is_inside:
            return
        name, kind = given.get("name", ""), given.get("type", "text")
        if tag == "textarea":
            self.textarea = name
            self.values[name] = [""]
        elif tag == "select":
            self.select, self.first_option = name, None
            self.is_multiple = "multiple" in given
        elif tag == "option":
            if "selected" in given:
                self.values.setdefault(self.select, []).append(given["value"])
            elif self.first_option is None and not self.is_multiple:
                self.first_option = given["value"]
        elif tag == "input" and name and kind in {"checkbox", "radio"}:
            if "checked" in given:
                self.values.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "input" and name and kind not in {"file", "submit", "button"}:
            self.values.setdefault(name, []).append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.values[self.textarea][0] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self.textarea:
            text = self.values[self.textarea][0].removeprefix("\n")
            self.values[self.textarea] = [text.replace("\n", "\r\n")]
            self.textarea = ""
        elif tag == "select" and self.select:
            if self.first_option is not None:
                self.values.setdefault(self.select, [self.first_option])
            self.select = ""
        elif tag == "form":
            self.is_inside = False


def values_of_form(html: str) -> dict[str, list[str]]:
    reader = _FormReader()
    reader.feed(html)
    return reader.values


def open_form(client: Client, path: str) -> dict[str, list[str]]:
    """What the browser would send from this page."""
    response = client.get(path)
    assert response.status_code == 200
    return values_of_form(response.content.decode())
