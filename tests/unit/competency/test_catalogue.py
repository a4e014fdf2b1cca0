"""What a catalogue says once it is read: the packaged one, and the ways of asking a framework."""

from __future__ import annotations

import pytest

from lti_tool.competency.catalogue import RowIds, parse, without_edition
from lti_tool.competency.framework import LANGUAGES, Framework, Localized, is_official
from lti_tool.errors import NotFound
from lti_tool.ids import CompetencyId, FrameworkVersionId, IndicatorId
from tests.factories.catalogues import packaged_catalogue, small_catalogue


@pytest.fixture(scope="module")
def national() -> Framework:
    return parse(packaged_catalogue())


def test_the_packaged_framework_has_the_counts_of_the_requirements(national: Framework) -> None:
    per_level = [sum(each.level == number for each in national.indicators) for number in (1, 2, 3)]

    assert (len(national.aspects), len(national.competencies), len(national.levels)) == (6, 11, 3)
    assert (len(national.indicators), per_level) == (61, [22, 21, 18])
    assert (len(national.glossary), len(national.normative_documents), len(national.authors)) == (20, 6, 8)
    assert [each.number for each in national.provisions] == ["1", "2", "4", "5"]
    assert [len(each.items) for each in national.provisions] == [3, 0, 0, 0]
    assert len(national.equipment) == 6


def test_the_packaged_framework_says_what_it_is(national: Framework) -> None:
    assert (national.framework, national.version) == ("kg-ict-teachers", "1.0")
    assert national.title("ru").startswith("Квалификационные требования")
    assert not any(indicator.is_key for indicator in national.indicators)


def test_every_text_of_the_packaged_framework_has_both_translations(national: Framework) -> None:
    texts = [each.texts for each in (*national.competencies, *national.indicators, *national.provisions)]
    texts += [each.titles for each in (*national.aspects, *national.normative_documents)] + list(national.equipment)
    texts += [text for each in national.levels for text in (each.names, each.subtitles, each.descriptions)]
    texts += [text for each in national.glossary for text in (each.terms, each.definitions)]
    texts += [each.posts for each in national.authors]

    assert [text for text in texts if set(text.by_language()) != set(LANGUAGES)] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_short_titles_differ_and_leave_room_in_a_label(national: Framework, language: str) -> None:
    titles = [each.short_title(language) for each in national.competencies]

    assert len(set(titles)) == 11
    assert all(0 < len(title) <= 60 for title in titles)
    assert not any(title.endswith(("…", ".")) for title in titles)


def test_only_kyrgyz_is_official() -> None:
    assert [language for language in (*LANGUAGES, "de") if is_official(language)] == ["ky"]


def test_a_missing_translation_falls_back_to_the_official_text_and_says_so() -> None:
    text = Localized("Сканер", ru="Сканер (рус.)")

    assert [text.text(language) for language in ("ky", "ru", "en", "de")] == [
        "Сканер",
        "Сканер (рус.)",
        "Сканер",
        "Сканер",
    ]
    assert [text.served(language) for language in ("ky", "ru", "en", "de")] == ["ky", "ru", "ky", "ky"]


def test_indicators_are_found_by_code_and_by_row_with_their_texts(national: Framework) -> None:
    indicator = national.indicator("4.1.1.i")

    assert indicator.text("en").startswith("Identifies")
    assert (indicator.competency, indicator.level) == ("4.1", 1)
    assert national.indicator_by_id(indicator.id) is indicator
    assert national.has_indicator("4.1.1.i")
    assert not national.has_indicator("4.1.1.j")


def test_competencies_levels_and_aspects_are_found(national: Framework) -> None:
    competency = national.competency("5.3")

    assert national.competency_by_id(competency.id) is competency
    assert competency.text("en").startswith("The teacher uses digital mass media")
    assert [each.code for each in competency.of_level(2)] == ["5.3.2.a", "5.3.2.b"]
    assert national.aspect(competency.aspect).title("en") == "Organization and Administration"
    assert (national.level(1).name("ky"), national.level(1).subtitle("ky")) == ("Базалык деңгээл", "Билим алуу")
    assert national.level(3).description("en").startswith("Teachers acquire competencies")


def test_the_glossary_names_its_sources_and_abbreviations(national: Framework) -> None:
    term = national.glossary[0]

    assert term.term("en") == "Assistive technologies"
    assert term.definition("ky").startswith("Көмөкчү технологиялар:")
    assert term.abbreviations == Localized("КТ", "АТ", "AT")
    assert term.source_url == "https://iite.unesco.org/pics/publications/ru/files/3214675.pdf"


def test_what_is_unknown_is_said_with_its_key() -> None:
    framework = parse(small_catalogue())
    asks = {
        "competency_unknown": lambda: framework.competency("9.9"),
        "indicator_unknown": lambda: framework.indicator_by_id(IndicatorId(99)),
        "level_unknown": lambda: framework.level(4),
        "aspect_unknown": lambda: framework.aspect(2),
    }

    for code, ask in asks.items():
        with pytest.raises(NotFound) as refused:
            ask()
        assert refused.value.code == code
        assert refused.value.facts["key"]


def test_the_grid_has_a_cell_for_every_competency_and_level() -> None:
    framework = parse(small_catalogue(((3, 2, 1), (1, 0, 2))))

    assert [(competency.code, level.number, len(found)) for competency, level, found in framework.cells()] == [
        ("1.1", 1, 3),
        ("1.1", 2, 2),
        ("1.1", 3, 1),
        ("1.2", 1, 1),
        ("1.2", 2, 0),
        ("1.2", 3, 2),
    ]


def test_row_ids_are_taken_where_given_and_positions_otherwise() -> None:
    document = small_catalogue(((1, 1),))
    ids = RowIds(
        FrameworkVersionId(7), {"1.1": CompetencyId(70)}, {"1.1.1.a": IndicatorId(71), "1.1.2.a": IndicatorId(72)}
    )

    stored, unstored = parse(document, ids), parse(document)

    assert (stored.id, stored.competency("1.1").id, stored.indicator("1.1.2.a").id) == (7, 70, 72)
    assert (unstored.id, unstored.competency("1.1").id, unstored.indicator("1.1.2.a").id) == (1, 1, 2)


def test_the_shape_for_the_rules_keeps_ids_levels_and_keys() -> None:
    framework = parse(small_catalogue(((3, 0, 1),), keys=["1.1.1.b"]))

    (competency,) = framework.shape().competencies

    assert (competency.id, competency.aspect) == (framework.competency("1.1").id, 1)
    assert [(level.number, len(level.indicators)) for level in competency.levels] == [(1, 3), (2, 0), (3, 1)]
    assert competency.levels[0].keys == {framework.indicator("1.1.1.b").id}


def test_the_shape_of_the_packaged_framework_has_33_levels_and_61_indicators(national: Framework) -> None:
    levels = [level for competency in national.shape().competencies for level in competency.levels]

    assert len(levels) == 33
    assert sum(len(level.indicators) for level in levels) == 61
    assert all(level.indicators for level in levels)


def test_a_framework_without_short_titles_shortens_its_texts_between_words() -> None:
    document = packaged_catalogue()
    del document["edition"]["short_titles"]

    framework = parse(document)

    assert (
        framework.competency("3.1").short_title("ky") == "Мугалим окуучуларды ар кандай деңгээлдеги окуу маселелерин…"
    )
    assert all(len(each.short_title(language)) <= 60 for each in framework.competencies for language in LANGUAGES)


def test_optional_parts_may_be_absent() -> None:
    framework = parse(small_catalogue())

    assert framework.glossary == framework.provisions == framework.equipment == framework.authors == ()


def test_without_its_edition_a_catalogue_is_the_published_one() -> None:
    document = packaged_catalogue()

    published = without_edition(document)

    assert list(published) == [
        "framework",
        "levels",
        "aspects",
        "glossary",
        "general_provisions",
        "normative_documents",
        "ict_competence_components",
        "unesco_work_areas",
        "equipment",
        "authors",
        "preface",
        "methodology",
    ]
    assert "edition" in document
