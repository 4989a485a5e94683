"""Masks such as ``nick!*@*.example.org``.

Spec: https://modern.ircdocs.horse/#wildcard-expressions
"""


def mask_matches(mask: str, text: str) -> bool:
    """Whether a text matches: ``*`` stands for any run of characters, ``?`` for one.

    Case counts: fold both first where it should not. Takes at most as many steps
    as the product of the lengths, whatever the mask.
    """
    at = begin = 0
    star = -1
    for_star = 0
    while at < len(text):
        if begin < len(mask) and mask[begin] == "*":
            star, for_star = begin, at
            begin += 1
        elif begin < len(mask) and mask[begin] in ("?", text[at]):
            begin, at = begin + 1, at + 1
        elif star >= 0:  # let the last star take one character more
            for_star += 1
            begin, at = star + 1, for_star
        else:
            return False
    return not mask[begin:].strip("*")
