"""Guesses for headings, and the values of cells: answers, co-authors, dates."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.imports.sheets.columns import guess_columns
from apps.imports.sheets.reading import SheetRow, Table
from apps.imports.sheets.row_form import RowForm, Vocabulary
from apps.imports.sheets.values import (
    DAY_FIRST,
    MONTH_FIRST,
    parse_datetime,
    possible_orders,
    read_coauthors,
)
from tests.factories import make_edition, make_question, make_topic

LONDON = ZoneInfo("Europe/London")


def _guess(form: RowForm, *headings: str, cells: list[str] | None = None) -> list[str]:
    row = cells or ["a@example.org"] * len(headings)
    return guess_columns(
        Table(list(headings), [SheetRow(2, row)], list(range(len(headings)))), form
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("heading", "meaning"),
    [
        ("ID", ""),
        ("Start time", ""),
        ("Completion time", "submitted_at"),
        ("Timestamp", "submitted_at"),
        ("Last modified time", ""),
        ("Email", "email"),
        ("Email Address", "email"),
        ("Your email address:", "email"),
        ("Points - Title", ""),
        ("Feedback – Title", ""),
        ("Full name (as it should be printed)", "name"),
        ("What is your name?", "name"),
        ("Name of your supervisor", "supervisor"),
        ("Name of your university", "university"),
        ("Affiliation", "university"),
        ("Title of your talk or poster", "title"),
        ("Job title", ""),
        ("Abstract of your talk (250 words)", "abstract"),
        ("Co-authors of the poster", "coauthors"),
        ("What would you like to present?", "formats"),
        ("Lightning talk or poster?", "formats"),
        ("Asked for", "formats"),
        ("Which would you rather do?", "preference"),
        ("Topics your work belongs to", "topics"),
        ("Career stage", "career_stage"),
        ("School or lab", "school"),
        ("Your website", "link"),
        ("Anything else?", ""),
        ("", ""),
    ],
)
def test_a_heading_is_guessed(heading, meaning):
    edition = make_edition()
    make_topic(edition)

    assert _guess(RowForm(edition), heading) == [meaning]


@pytest.mark.django_db
def test_a_question_of_the_edition_is_recognised_by_its_words():
    edition = make_edition()
    question = make_question(edition, label="May we print your e-mail address?")

    assert _guess(RowForm(edition), " may we print  your E-mail address?") == [
        f"question_{question.pk}"
    ]


@pytest.mark.django_db
def test_anonymous_accounts_are_not_taken_for_names():
    headings = ["Email", "Name", "Your email address", "First name", "Surname"]
    form = RowForm(make_edition())

    anonymous = _guess(form, *headings, cells=["anonymous", "", "a@example.org", "A", "E"])
    signed_in = _guess(form, *headings, cells=["b@example.org", "A E", "a@example.org", "A", "E"])

    assert anonymous == ["", "", "email", "name", "name"]
    assert signed_in == ["email", "name", "", "", ""]


# As the programs head their columns in each language: time, address and name of the account.
ACCOUNTS = {
    "English": ("Completion time", "Email", "Name"),
    "German": ("Fertigstellungszeit", "E-Mail", "Name"),
    "French": ("Heure de fin", "Adresse de messagerie", "Nom"),
    "Spanish": ("Hora de finalización", "Correo electrónico", "Nombre"),
    "Italian": ("Ora di completamento", "Posta elettronica", "Nome"),
    "Dutch": ("Tijd van voltooien", "E-mail", "Naam"),
    "Portuguese": ("Hora de conclusão", "Email", "Nome"),
    "Polish": ("Godzina ukończenia", "Adres e-mail", "Nazwa"),
    "Finnish": ("Valmistumisaika", "Sähköposti", "Nimi"),
    "Korean": ("완료 시간", "전자 메일", "이름"),
    "Chinese": ("完成时间", "电子邮件", "名称"),
    "Japanese": ("完了時刻", "メール", "名前"),
}


@pytest.mark.django_db
@pytest.mark.parametrize("headings", ACCOUNTS.values(), ids=ACCOUNTS)
def test_columns_of_microsoft_forms_are_recognised_in_each_language(headings):
    form = RowForm(make_edition())

    assert _guess(form, "ID", *headings) == ["", "submitted_at", "email", "name"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("time", "address"),
    [
        *(("Timestamp", "Email Address"), ("Zeitstempel", "E-Mail-Adresse")),
        *(("Horodateur", "Adresse e-mail"), ("Marca temporal", "Dirección de correo electrónico")),
        *(("Informazioni cronologiche", "Indirizzo email"), ("Tijdstempel", "E-mailadres")),
        *(("Carimbo de data/hora", "Endereço de e-mail"), ("Sygnatura czasowa", "Adres e-mail")),
        *(("Aikaleima", "Sähköpostiosoite"), ("타임스탬프", "이메일 주소")),
        *(("时间戳记", "电子邮件地址"), ("タイムスタンプ", "メールアドレス")),
    ],
)
def test_columns_of_google_forms_are_recognised_in_each_language(time, address):
    assert _guess(RowForm(make_edition()), time, address) == ["submitted_at", "email"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        (
            "Vorname|Nachname|Titel der Arbeit|Kurzfassung|Universität|E-Mail der Betreuerin",
            ["name", "name", "title", "abstract", "university", "supervisor"],
        ),
        ("Prénom|NOM|Titre|Résumé|Co-auteurs", ["name", "name", "title", "abstract", "coauthors"]),
        ("Nombre|Apellidos|Título|Resumen", ["name", "name", "title", "abstract"]),
        (
            "Imię i nazwisko|Tytuł|Streszczenie|Uczelnia",
            ["name", "title", "abstract", "university"],
        ),
        ("이름|제목|초록|소속 대학교", ["name", "title", "abstract", "university"]),
        (
            "氏名|タイトル|概要|ご所属|共著者",
            ["name", "title", "abstract", "university", "coauthors"],
        ),
        ("Supervisor's email|Email", ["supervisor", "email"]),
    ],
)
def test_questions_in_other_languages_are_recognised(headings, fields):
    assert _guess(RowForm(make_edition()), *headings.split("|")) == fields


TOPICS = Vocabulary(
    [("1", "Small models"), ("2", "Pruning, quantisation"), ("3", "Data")], is_several=True
)


@pytest.mark.parametrize(
    ("cell", "found", "unknown"),
    [
        ("Small models;Data;", ["1", "3"], []),
        ("Small models, Pruning, quantisation, Data", ["1", "2", "3"], []),
        ("SMALL  models", ["1"], []),
        ("Data;Data", ["3"], []),
        ("Other; things, Data", ["3"], ["Other", "things"]),
        ("Pruning", [], ["Pruning"]),
        ("", [], []),
        (" ; ,", [], []),
    ],
)
def test_several_answers_in_a_cell_are_split(cell, found, unknown):
    assert TOPICS.read(cell, {}) == (found, unknown)


def test_choices_about_unknown_answers_count_and_may_leave_them_out():
    assert TOPICS.read("Graphs; Data; Trees", {"graphs": "1", "trees": ""}) == (
        ["1", "3"],
        [],
    )


@given(st.text())
def test_any_cell_is_read_by_a_vocabulary(cell):
    found, unknown = TOPICS.read(cell, {})

    assert all(found)
    assert all(unknown)


@pytest.mark.parametrize(
    ("cell", "people"),
    [
        ("Bo Helper (Institute of Help)", [("Bo Helper", "Institute of Help")]),
        ("Bo (Help, Edinburgh), Cy", [("Bo", "Help, Edinburgh"), ("Cy", "")]),
        ("Bo, Cy and Di", [("Bo", ""), ("Cy", ""), ("Di", "")]),
        ("Bo, Institute of Help; Cy", [("Bo", "Institute of Help"), ("Cy", "")]),
        ("1. Bo (Help and Care)\n2. Cy", [("Bo", "Help and Care"), ("Cy", "")]),
        ("- Bo\n- Cy", [("Bo", ""), ("Cy", "")]),
        ("None", []),
        ("n/a;", []),
        ("", []),
    ],
)
def test_co_authors_are_read_in_all_usual_forms(cell, people):
    assert read_coauthors(cell) == people


@given(st.text())
def test_any_cell_is_read_as_co_authors(cell):
    assert isinstance(read_coauthors(cell), list)


@pytest.mark.parametrize(
    ("cell", "moment"),
    [
        ("2026-03-01 10:02:03", "2026-03-01 10:02:03"),
        ("2026-07-01T10:02", "2026-07-01 09:02:00"),
        ("2026-07-01T10:02:03Z", "2026-07-01 10:02:03"),
        ("2026/05/03 4:05:12 PM GMT+1", "2026-05-03 15:05:12"),
        ("2026/05/03 12:05:12 AM GMT+5:30", "2026-05-02 18:35:12"),
        ("2026-05-03 10:00 −0500", "2026-05-03 15:00:00"),
        ("03/05/2026 10:00", "2026-05-03 09:00:00"),
        ("3.5.26, 10:00:07", "2026-05-03 09:00:07"),
        ("03/05/2026", "2026-05-02 23:00:00"),
        # Microsoft and Google in other languages.
        ("2026/05/03 3:05:31 PM MESZ", "2026-05-03 13:05:31"),
        ("3.5.2026 10.02.03", "2026-05-03 09:02:03"),
        ("3-5-2026 10:02:03", "2026-05-03 09:02:03"),
        ("3/5/2026 3:05:31 p. m.", "2026-05-03 14:05:31"),
        ("2026/05/03 3:05:31 p.\u00a0m. CEST", "2026-05-03 13:05:31"),
        ("2026/05/03 12:05:31 a.m. UTC−3", "2026-05-03 03:05:31"),
        ("2026/05/03 3:05:31 da tarde WEST", "2026-05-03 14:05:31"),
        ("2026/05/03 3.05.31 ip. UTC+3", "2026-05-03 12:05:31"),
        ("2026. 5. 3 오후 3:05:31", "2026-05-03 14:05:31"),
        ("2026/05/03 3:05:31 오전 GMT+9", "2026-05-02 18:05:31"),
        ("2026/5/3 下午 3:05:31", "2026-05-03 14:05:31"),
        ("2026年5月3日 15:05", "2026-05-03 14:05:00"),
        ("2026/05/03 0:05:31 午後 JST", "2026-05-03 03:05:31"),
    ],
)
def test_dates_and_times_are_read_in_all_usual_forms(cell, moment):
    assert parse_datetime(cell, DAY_FIRST, LONDON) == datetime.fromisoformat(f"{moment}+00:00")


@pytest.mark.parametrize(
    "cell",
    [
        *("", "tomorrow", "31/02/2026", "05/13/2026", "01/01/1999", "2100-01-01", "0001-01-01"),
        *("2026-01-01 25:00", "2026-01-01 13:00 PM", "2026-01-01 10:00 GMT+99", "99999", "1/1/1/1"),
    ],
)
def test_an_invalid_date_or_one_of_another_century_is_none(cell):
    assert parse_datetime(cell, DAY_FIRST, LONDON) is None


def test_unambiguous_dates_tell_the_order_of_the_others():
    assert possible_orders(["01/02/2026", "13/02/2026", "2026-31-31", ""]) == {DAY_FIRST}
    assert possible_orders(["01/02/2026", "02/13/2026"]) == {MONTH_FIRST}
    assert possible_orders(["01/02/2026"]) == {DAY_FIRST, MONTH_FIRST}
    assert possible_orders(["13/02/2026", "02/13/2026"]) == set()


@given(st.text(), st.sampled_from([DAY_FIRST, MONTH_FIRST]))
def test_any_cell_is_a_date_or_none(cell, order):
    moment = parse_datetime(cell, order, LONDON)

    assert moment is None or moment.tzinfo is UTC


@given(st.datetimes(min_value=datetime(2000, 1, 2), max_value=datetime(2099, 12, 30)))
def test_every_moment_of_the_century_is_parsed_again(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC)

    assert parse_datetime(moment.isoformat(), DAY_FIRST, LONDON) == moment
    assert parse_datetime(f"{moment:%m/%d/%Y %I:%M:%S %p} GMT", MONTH_FIRST, LONDON) == moment
