"""The photo form of a person in a browser."""

import io

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from apps.people.models import Person
from tests.browser import Visit, Visitor, violations
from tests.conftest import session_of
from tests.factories import make_edition, make_group, make_person
from tests.people.files import (
    SECRET,
    colours,
    corners,
    encoded,
    media_files,
    open_square,
    phone_photo,
    photo_file,
)

ADD = "/admin/people/person/add/"

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def open_admin(visitor: Visitor, as_chair):
    """Function that opens an admin page as a chair."""
    return lambda path, **window: visitor.open(path, session=session_of(as_chair), **window)


def with_photo(**fields) -> Person:
    return make_person(photo=photo_file((1200, 400)), **fields)


def change_of(person: Person) -> str:
    return f"/admin/people/person/{person.pk}/change/"


def choose(page: Page, content: bytes, name: str = "photo.jpg") -> None:
    file: FilePayload = {"name": name, "mimeType": "image/jpeg", "buffer": content}
    page.get_by_label("Photo:", exact=True).set_input_files(file)


def save(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Save", exact=True).first.click()
    visit.page.wait_for_url("**/admin/people/person/")


def sliders(page: Page) -> list[str]:
    names = ("From left to right", "From top to bottom")
    return [page.get_by_label(name).input_value() for name in names]


def shown(page: Page, selector: str) -> list[str]:
    """Colours of the quarters of an element on the screen."""
    picture = page.locator(selector).screenshot()
    return colours(Image.open(io.BytesIO(picture)))


def stored(square: str) -> list[str]:
    return colours(open_square(Person.objects.get(), square))


def test_a_phones_photo_is_previewed_and_saved_with_a_point_set_by_mouse(open_admin):
    visit = open_admin(ADD)
    page = visit.page
    page.get_by_label("Name:").fill("Ada Example")

    choose(page, phone_photo(), "IMG_2041.JPG")
    expect(page.get_by_text("This photo is stored when you save.")).to_be_visible()
    stage = page.locator(".photo-stage")
    box = stage.bounding_box()
    assert box is not None
    stage.click(position={"x": box["width"] * 0.25, "y": box["height"] * 0.6})
    pointed = sliders(page)
    save(visit)

    person = Person.objects.get()
    files = media_files()
    assert box["width"] > box["height"]  # upright, although the phone was held sideways
    assert pointed == ["25", "60"]
    assert person.photo_focus == "0.25x0.6"
    assert (len(files), any(SECRET in path.read_bytes() for path in files)) == (7, False)
    assert visit.faults == []


def test_dragging_the_point_changes_the_square(open_admin):
    visit = open_admin(change_of(with_photo()))
    page = visit.page
    expect(page.locator(".photo-square")).to_be_visible()
    before = shown(page, ".photo-square")

    box = page.locator(".photo-stage").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 4, box["y"] + box["height"] / 2, steps=4)
    page.mouse.move(box["x"] - 300, box["y"] + box["height"] / 2, steps=4)
    page.mouse.up()
    after = shown(page, ".photo-square")
    save(visit)

    assert before == ["red", "lime", "blue", "white"]
    assert after == ["red", "red", "white", "white"]
    assert stored("jpeg_2x") == after
    assert Person.objects.get().photo_focus == "0x0.5"
    assert visit.faults == []


def test_the_point_is_moved_by_keyboard(open_admin):
    visit = open_admin(change_of(with_photo()))
    page = visit.page

    page.get_by_label("Remove the photo").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    page.keyboard.press("Tab")
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    square = shown(page, ".photo-square")
    save(visit)

    assert square == ["lime", "lime", "blue", "blue"]
    assert Person.objects.get().photo_focus == "1x0.45"
    assert stored("avif_1x") == square
    assert visit.faults == []


@pytest.mark.parametrize("width", [320, 1440])
@pytest.mark.parametrize("size", [(1200, 400), (400, 1200), (120, 100)])
def test_the_marker_is_at_the_stored_point(open_admin, width, size):
    photo = photo_file(size)
    person = make_person(photo=photo, photo_focus="0.25x0.75")
    page = open_admin(change_of(person), width=width).page
    expect(page.locator(".photo-marker")).to_be_visible()

    picture = page.locator("img.photo-picture").bounding_box()
    marker = page.locator(".photo-marker").bounding_box()
    assert picture
    assert marker
    across = (marker["x"] + marker["width"] / 2 - picture["x"]) / picture["width"]
    down = (marker["y"] + marker["height"] / 2 - picture["y"]) / picture["height"]

    assert (round(across, 2), round(down, 2)) == (0.25, 0.75)
    assert picture["x"] + picture["width"] <= width


def test_a_new_photo_replaces_the_old_one_in_the_preview(open_admin):
    visit = open_admin(change_of(with_photo(photo_focus="0x0.5")))
    page = visit.page
    page.get_by_label("Remove the photo").check()

    choose(page, encoded(corners((900, 900)), "PNG"))
    expect(page.get_by_text("This photo is stored when you save.")).to_be_visible()

    assert shown(page, "canvas.photo-picture") == ["red", "lime", "blue", "white"]
    assert page.locator("img.photo-picture").is_hidden()
    assert (sliders(page), page.get_by_label("Remove the photo").is_checked()) == (
        ["50", "50"],
        False,
    )
    assert visit.faults == []


def test_a_file_that_the_browser_cannot_show_is_refused(open_admin):
    visit = open_admin(ADD)
    page = visit.page
    page.get_by_label("Name:").fill("Ada Example")

    choose(page, b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(900), "IMG_1.HEIC")
    expect(page.get_by_text("This browser cannot show the file.")).to_be_visible()
    page.get_by_role("button", name="Save", exact=True).first.click()

    expect(page.get_by_text("Export it as JPEG")).to_be_visible()
    assert visit.faults == []


def test_photo_and_point_are_saved_without_javascript(open_admin):
    visit = open_admin(ADD, scripts=False)
    page = visit.page
    page.get_by_label("Name:").fill("Ada Example")

    choose(page, encoded(corners((1200, 400)), "JPEG", quality=95))
    page.get_by_label("From left to right").fill("100")
    save(visit)

    assert Person.objects.get().photo_focus == "1x0.5"
    assert stored("webp_2x") == ["lime", "lime", "blue", "blue"]


@pytest.mark.appearance
def test_adding_and_changing_a_person_is_accessible(open_admin):
    person = with_photo(name="Ada Example", affiliation="One\nTwo")
    make_group(make_edition(), person)

    for path in (ADD, change_of(person)):
        page = open_admin(path, bypass_csp=True).page
        assert violations(page) == []
    controls = page.locator(".photo-axis input, .photo-remove input").all()
    sizes = [control.bounding_box() for control in controls]
    assert [box and min(box["width"], box["height"]) >= 24 for box in sizes] == [True] * 3
