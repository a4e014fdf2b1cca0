"""Which passwords are taken: long ones that nobody would guess first (NIST SP 800-63B, section 5.1.1). Pure.

No rules of composition and no expiry: both make people choose worse ones. Characters are counted as people see them
typed, after normalisation, so that one keyboard's й is another's.
"""

from __future__ import annotations

import unicodedata

from lti_tool.errors import RuleBroken

SHORTEST = 12
LONGEST = 200
PERIOD = 4
"""A password that only repeats so few characters is one of that length."""
ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890123456789",
    "09876543210987654321",
    "qwertyuiopasdfghjklzxcvbnm",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "1q2w3e4r5t6y7u8i9o0p",
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюя",
    "йцукенгшщзхъфывапролджэячсмитьбю",
    "йцукеңнгшүщзхъфывапролджэячөсмитьбю",
)
"""What fingers and alphabets give by themselves."""
WORDS = frozenset(
    {
        "password", "passw0rd", "p@ssw0rd", "p@ssword", "welcome", "letmein", "iloveyou", "monkey", "dragon",
        "sunshine", "princess", "football", "baseball", "superman", "batman", "master", "shadow", "admin",
        "administrator", "root", "operator", "user", "test", "guest", "changeme", "default", "secret", "qwerty",
        "moodle", "institute", "trustno", "whatever", "computer", "internet", "starwars", "michael", "ltitool",
        "lti-tool", "пароль", "привет", "йцукен", "админ", "администратор", "оператор", "любовь", "наташа", "солнышко",
        "институт",
        "сырсөз", "кыргызстан", "бишкек", "мугалим", "кыргыз", "kyrgyzstan", "bishkek", "parol", "privet",
    }
)  # fmt: skip
"""With digits and signs around them, or said twice, these are what is tried first."""
AROUND = "0123456789!?.,-_*#@$%&+= "


def as_password(typed: str) -> str:
    """The password as it is kept, normalised. Too long to be one: cut nowhere, refused by `check`."""
    return unicodedata.normalize("NFKC", typed)


def check(typed: str, *, login: str) -> str:
    """The password to keep. Raises RuleBroken where it is too short, too long, or among the first to be guessed."""
    password = as_password(typed)
    if len(password) < SHORTEST:
        raise RuleBroken("password_short", least=SHORTEST)
    if len(password) > LONGEST or "\0" in password:
        raise RuleBroken("password_long", most=LONGEST)
    if _is_guessable(password.casefold(), login.casefold()):
        raise RuleBroken("password_common")
    return password


def _is_guessable(password: str, login: str) -> bool:
    words = {login, login.partition("@")[0]} | WORDS
    core = password.strip(AROUND)
    return (
        _repeats(password)
        or any(password in row or password in row[::-1] for row in ROWS)
        or core == ""
        or any(core in {word, word * 2, word * 3} for word in words)
        or (len(core) >= PERIOD and any(core in row for row in ROWS))
    )


def _repeats(password: str) -> bool:
    """Whether it is a few characters again and again."""
    return any(password == (password[:n] * len(password))[: len(password)] for n in range(1, PERIOD + 1))
