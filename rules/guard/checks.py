"""The check rules of numbers: GB 11643 (identity), ISO/IEC 7812 (cards), GB 32100 (organisations)."""

from __future__ import annotations

import re
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
#: First two digits of a region; 71, 81 to 83 and 91 for residents from Taiwan, Hong Kong, Macao and abroad.
_PROVINCES = re.compile("1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[1-3]|91")
#: First digits under which cards are issued in China and abroad.
_ISSUERS = re.compile("62|60|4|5|3[5-7]|6[89]|9")
_ORG_SIGNS = {sign: value for value, sign in enumerate("0123456789ABCDEFGHJKLMNPQRTUWXY")}
_ORG_KINDS = re.compile("[135][1239]|9[1-3]")


def is_id18(digits: str) -> bool:
    """True for an identity number of 18 signs whose region, birth date and check digit are right."""
    return _begins_as_id(digits) and check_digit(digits) == digits[17].upper()


def is_rounded_id(digits: str) -> bool:
    """True for one that was typed as a number: Excel keeps 15 digits and makes the rest 0."""
    return _begins_as_id(digits) and digits.endswith("000")


def _begins_as_id(digits: str) -> bool:
    return bool(_PROVINCES.match(digits)) and digits[6:8] in ("18", "19", "20") and is_day(digits[6:14])


def check_digit(digits: str) -> str:
    """The 18th sign that belongs to the first 17 digits."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=False))
    return "10X98765432"[total % 11]


def is_id15(digits: str) -> bool:
    """True for an identity number of the old form, which has no check digit."""
    return bool(_PROVINCES.match(digits)) and is_day(f"19{digits[6:12]}")


def is_card(digits: str) -> bool:
    """True for 16 to 19 digits of a card; a purely numeric 统一社会信用代码 is none."""
    if not _ISSUERS.match(digits) or len(set(digits)) == 1:
        return False
    return _luhn(digits) and not is_organisation(digits)


def is_organisation(code: str) -> bool:
    """True for a 统一社会信用代码 with a right check sign."""
    if len(code) != 18 or not _ORG_KINDS.match(code):
        return False
    total = sum(_ORG_SIGNS[sign] * pow(3, place, 31) for place, sign in enumerate(code[:17]))
    return (31 - total % 31) % 31 == _ORG_SIGNS[code[17]]


def is_day(digits: str) -> bool:
    """True if eight digits are a day of the calendar."""
    try:
        date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return True


def _luhn(digits: str) -> bool:
    doubled = (2 * int(digit) for digit in digits[-2::-2])
    return (sum(int(digit) for digit in digits[-1::-2]) + sum(value - 9 * (value > 9) for value in doubled)) % 10 == 0
