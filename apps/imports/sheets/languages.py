"""The words of Microsoft Forms, Google Forms and Excel in twelve languages, in one table.

Headings are compared without case and accents. In `supervisor` to `link` stand words that a heading of
a question may contain, in the other rows whole headings. Not in the table: the headings of questions
in English, which columns.py finds by patterns.
"""

from __future__ import annotations

import re

from apps.core.search import fold

# Columns that the programs add, in English, German, French, Spanish, Italian, Dutch, Portuguese,
# Polish, Finnish, Korean, Chinese (simplified, traditional) and Japanese.
_HEADINGS = {
    "ignored": """
        id|start time|last modified time|total points|quiz feedback|points|feedback|score
        startzeit|zeitpunkt der letzten änderung|gesamtpunktzahl|quizfeedback|punktzahl|punkte
        heure de début|heure de la dernière modification|total des points
        id.|hora de inicio|hora de la última modificación|puntos totales|puntuación
        ora di inizio|ora dell'ultima modifica|ora ultima modifica|totale punti|punteggio
        begintijd|tijd van laatste wijziging|tijdstip laatste wijziging|totaal aantal punten
        hora de início|hora da última modificação|total de pontos|pontuação
        identyfikator|godzina rozpoczęcia|godzina ostatniej modyfikacji|suma punktów|wynik
        tunnus|aloitusaika|viimeksi muokattu|viimeinen muokkausaika|pisteet yhteensä|pisteet
        시작 시간|마지막 수정 시간|총점|점수
        序号|编号|开始时间|上次修改时间|总分|分数|識別碼|開始時間|上次修改時間|總分|分數
        開始時刻|最終変更時刻|合計点|スコア""",
    "submitted_at": """
        completion time|timestamp|time stamp|submitted|submitted at|submitted on|date submitted
        fertigstellungszeit|abschlusszeit|zeitstempel
        heure de fin|horodateur
        hora de finalización|marca temporal
        ora di completamento|informazioni cronologiche
        tijd van voltooien|voltooiingstijd|tijdstempel
        hora de conclusão|carimbo de data/hora
        godzina ukończenia|sygnatura czasowa
        valmistumisaika|lopetusaika|aikaleima
        완료 시간|타임스탬프
        完成时间|时间戳|时间戳记|提交时间|完成時間|時間戳記
        完了時刻|タイムスタンプ""",
    "account_email": """
        email|e-mail|email address
        e-mail-adresse
        adresse de messagerie|adresse e-mail|courrier électronique
        correo electrónico|dirección de correo electrónico
        posta elettronica|indirizzo email|indirizzo e-mail
        e-mailadres
        endereço de email|endereço de e-mail
        adres e-mail|adres email
        sähköposti|sähköpostiosoite
        전자 메일|이메일|이메일 주소
        电子邮件|电子邮件地址|邮箱|電子郵件|電子郵件地址
        メール|メール アドレス|メールアドレス""",
    "account_name": """
        name|nom|nombre|nome|naam|nazwa|imię i nazwisko|nimi|이름|姓名|名称|名稱|名前""",
}
# Words of questions, beside the English patterns of columns.py.
_QUESTIONS = {
    "coauthors": "koautor|koautoren|mitautor|mitautoren|coauteur|coauteurs|co-auteur|co-auteurs"
    "|coautor|coautore|coautori|coautores"
    "|medeauteur|medeauteurs|współautor|współautorzy|kanssakirjoittaja|kanssakirjoittajat"
    "|공동 저자|공저자|合作者|共同作者|共著者",
    "supervisor": "betreuer|betreuers|betreuerin|encadrant|encadrante|directeur|directrice|supervisora"
    "|supervisore|relatore|relatrice|begeleider|orientador|orientadora|promotor|ohjaaja|지도교수"
    "|导师|指導教授|指導教員",
    "title": "titel|titre|título|titolo|tytuł|otsikko|제목|标题|题目|標題|題目|タイトル|題名",
    "abstract": "kurzfassung|zusammenfassung|résumé|resumen|riassunto|samenvatting|resumo"
    "|streszczenie|tiivistelmä|초록|摘要|要旨|概要",
    "topics": "thema|themen|thème|thèmes|tema|temas|temi|thema's|temat|tematy|aihe|aiheet|주제"
    "|主题|主題|テーマ",
    "university": "universität|hochschule|université|universidad|università|universiteit"
    "|universidade|uniwersytet|uczelnia|yliopisto|대학|대학교|소속|大学|大學|所属",
    "email": "e-mail-adresse|e-mailadresse|adresse e-mail|adresse de messagerie"
    "|correo electrónico|correo|posta elettronica|e-mailadres|sähköposti|sähköpostiosoite"
    "|전자 메일|이메일|电子邮件|邮箱|電子郵件|メール",
    "given_name": "vorname|prénom|prénoms|nombre de pila|nombres|voornaam|nome próprio|imię"
    "|etunimi",
    "family_name": "nachname|familienname|nom de famille|apellido|apellidos|cognome|achternaam"
    "|apelido|sobrenome|nazwisko|sukunimi",
    "name": "vollständiger name|nom|nombre|nome|naam|imię i nazwisko|nimi|이름|성명|姓名|名前|氏名",
}
# Half days beside clock times, and the abbreviations of time zones in them, in hours from UTC.
MORNING = "am|a.m.|a. m.|ap|ap.|da manhã|오전|上午|午前"
AFTERNOON = "pm|p.m.|p. m.|ip|ip.|da tarde|da noite|오후|下午|午後"
ZONES = {
    **dict.fromkeys(("GMT", "UTC", "Z", "WET", "WEZ"), 0),
    **dict.fromkeys(("BST", "CET", "MEZ", "HNEC", "WEST", "WESZ"), 1),
    **dict.fromkeys(("CEST", "MESZ", "HAEC", "EET", "OEZ"), 2),
    **dict.fromkeys(("EEST", "OESZ"), 3),
    **dict.fromkeys(("JST", "KST"), 9),
    "EST": -5,
    "EDT": -4,
    "CDT": -5,
    "MST": -7,
    "MDT": -6,
    "PST": -8,
    "PDT": -7,
}
# Errors in cells, as Excel, Google Sheets and LibreOffice show them.
_ERRORS = """
    #REF! #NAME? #VALUE! #DIV/0! #N/A #NULL! #NUM! #SPILL! #CALC! #FIELD! #BLOCKED! #BUSY! #CONNECT!
    #UNKNOWN! #EXTERNAL! #PYTHON! #GETTING_DATA #ERROR!
    #BEZUG! #WERT! #ZAHL! #NV #ÜBERLAUF! #VALEUR! #NOM? #NOMBRE! #NUL! #PROPAGATION! #N/D
    #¡REF! #¿NOMBRE? #¡VALOR! #¡DIV/0! #¡NUM! #¡NULO! #RIF! #VALORE! #NOME? #NULLO!
    #VERW! #WAARDE! #NAAM? #GETAL! #LEEG! #N/B #VALOR! #NÚM! #NULO! #ADR! #ARG! #NAZWA? #LICZBA! #ZERO!
    #VIITTAUS! #ARVO! #NIMI? #LUKU! #TYHJÄ! #JAKO/0! #PUUTTUU!"""
_ERROR_CELLS = frozenset(_ERRORS.split())
_ERROR_CODE = re.compile(r"Err:\d{3}")

_MAX_HEADING = 60  # characters
_WHOLE = {
    kind: {fold(" ".join(text.split())) for text in re.split(r"[|\n]", texts) if text.strip()}
    for kind, texts in _HEADINGS.items()
}


def _containing(texts: str) -> re.Pattern[str]:
    """Matches a heading with one of the words; Chinese, Japanese and Korean have no spaces."""
    words = [re.escape(fold(text)) for text in texts.split("|")]
    spaced = [rf"\b{word}\b" if word.isascii() else word for word in words]
    return re.compile("|".join(spaced))


_WORDS = {kind: _containing(texts) for kind, texts in _QUESTIONS.items()}


def is_heading(kind: str, heading: str) -> bool:
    """Whether a program heads its column of this kind so."""
    return len(heading) <= _MAX_HEADING and fold(heading).strip() in _WHOLE[kind]


def mentions(kind: str, heading: str) -> bool:
    """Whether the heading of a question holds a word of this kind, in another language."""
    return bool(_WORDS[kind].search(fold(heading)))


def is_error(cell: str) -> bool:
    """Whether a cell shows an error of the spreadsheet program, such as #REF!."""
    return cell in _ERROR_CELLS or bool(_ERROR_CODE.fullmatch(cell))
