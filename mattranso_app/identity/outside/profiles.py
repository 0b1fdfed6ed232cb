"""What is known of a kind of provider: which claims mean what, and how sure it is of a person. Data, so that it can be corrected.

VNeID's technical profile is not public. Its map below is what a broker in front of it would say in the words of OpenID
Connect; each line can be changed by the setting `outside_providers` (fields `claims`, `levels`, `scope`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

FIELDS = ("name", "number")
"""Our fields: the full name, and the twelve-digit identity number."""


@dataclass(frozen=True, slots=True)
class Profile:
    """A kind of provider.

    Attributes:
        scope: what is asked for.
        claims: our field → claim; a dot leads into an object.
        levels: `acr` → assurance of the identity: 1 as declared, 2 checked in person (Decree 69/2024).
        required_level: least assurance that opens an account; 0 takes an unknown one too.
    """

    scope: str
    claims: Mapping[str, str]
    levels: Mapping[str, int]
    required_level: int = 0


PROFILES = {
    "openid": Profile("openid profile", MappingProxyType({"name": "name"}), MappingProxyType({})),
    "vneid": Profile(
        "openid profile citizen_id",
        MappingProxyType({"name": "name", "number": "citizen_id"}),
        MappingProxyType({
            "1": 1, "2": 2, "level1": 1, "level2": 2,
            "urn:vneid:loa:1": 1, "urn:vneid:loa:2": 2,
        }),
        required_level=1,
    ),
}
