"""Names stand in the order of the Kyrgyz alphabet."""

from __future__ import annotations

from lti_tool.people.alphabet import sorting_key

ALPHABET = "абвгдеёжзийклмнңоөпрстуүфхцчшщъыьэюя"


def test_every_letter_stands_in_its_place() -> None:
    assert "".join(sorted(ALPHABET, key=sorting_key)) == ALPHABET
    assert "".join(sorted(ALPHABET)) != ALPHABET, "code points alone would not do"


def test_names_stand_as_in_a_register() -> None:
    # In no order, on purpose.
    names = ["Ярослав", "Үмүт", "Улан", "Өмүрбек", "Осмон", "Нурбек", "Ёлкин", "Жылдыз", "Егор", "Айгүл", "Adams"]

    assert sorted(names, key=sorting_key) == [
        "Adams", "Айгүл", "Егор", "Ёлкин", "Жылдыз", "Нурбек", "Осмон", "Өмүрбек", "Улан", "Үмүт", "Ярослав",
    ]  # fmt: skip


def test_case_makes_no_difference() -> None:
    assert sorting_key("АЙГҮЛ") == sorting_key("айгүл")


def test_a_shorter_name_stands_before_a_longer_one() -> None:
    assert sorted(["Нурбек", "Нур", "Ң"], key=sorting_key) == ["Нур", "Нурбек", "Ң"]
