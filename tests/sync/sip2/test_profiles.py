"""Profiles: by name, every value overridable, and nothing in them that cannot be."""

from __future__ import annotations

import pytest

from sync.sip2 import Codec, ErrorDetection, NoBlock, Profile, ProfileError, profile, profile_names


def test_the_shipped_profiles() -> None:
    assert profile_names() == ("evergreen", "folio", "generic", "koha", "koha-22", "koha-23", "openncip")


@pytest.mark.parametrize("name", profile_names())
def test_each_shipped_profile_makes_a_codec(name: str) -> None:
    assert Codec(profile(name)).profile.name == name


def test_generic_is_the_defaults() -> None:
    assert profile("generic") == Profile()


def test_three_generations_of_koha() -> None:
    generations = [profile(name) for name in ("koha-22", "koha-23", "koha")]
    assert [one.no_block for one in generations] == [NoBlock.IGNORED, NoBlock.AS_ISSUE_DATE, NoBlock.AS_DUE_DATE]
    assert ["CY" in one.meanings("10") for one in generations] == [False, True, True]
    assert all(one.meanings("10")["CV"] == "alert_type" for one in generations)
    assert not any(one.lf_terminates for one in generations)


def test_every_value_can_be_overridden() -> None:
    ours = {
        "encoding": "gb18030",
        "error_detection": "on",
        "zone": "Asia/Shanghai",
        "heartbeat_s": 45,
        "extensions": {"64": {"PB": "postal_code", "PI": ""}},
    }
    found = profile("koha", ours)
    assert (found.encoding, found.error_detection, found.heartbeat_s) == ("gb18030", ErrorDetection.ON, 45)
    assert found.meanings("64") == {"PB": "postal_code", "PC": "patron_class"}  # merged, and one taken away
    assert found.meanings("10") == profile("koha").meanings("10")
    assert profile("koha").encoding == "utf-8"


@pytest.mark.parametrize(
    ("overrides", "why"),
    [
        ({"encodign": "utf-8"}, "encodign"),
        ({"encoding": "klingon"}, "encoding 'klingon'"),
        ({"encoding": "utf-16"}, "encoding 'utf-16'"),
        ({"encoding": "utf-7"}, "encoding 'utf-7'"),
        ({"encoding": "utf-8-sig"}, "encoding 'utf-8-sig'"),
        ({"delimiter": "||"}, "delimiter"),
        ({"delimiter": "A"}, "one printable ASCII sign"),
        ({"delimiter": "\r"}, "one printable ASCII sign"),
        ({"terminator": ""}, "terminator"),
        ({"zone": "Europe/Atlantis"}, "no such time zone"),
        ({"zone": "../etc/passwd"}, "no such time zone"),
        ({"due_formats": ["%Q"]}, "no format of dates"),
        ({"checksums": "perhaps"}, "checksums"),
        ({"heartbeat_s": 0}, "heartbeat_s"),
        ({"longest_request": 10}, "longest_request"),
        ({"extensions": {"10": {"cv": "alert_type"}}}, "extensions"),
        ({"extensions": {"checkin": {"CV": "alert_type"}}}, "extensions"),
    ],
)
def test_values_that_cannot_be(overrides: dict[str, object], why: str) -> None:
    with pytest.raises(ProfileError, match=why) as refused:
        profile("koha", overrides)
    assert "SIP2 profile 'koha'" in str(refused.value)


@pytest.mark.parametrize(
    "extensions", [{"10": {"XX": "no_such_meaning"}}, {"10": {"AB": "call_number"}}, {"10": {"XX": "item"}}]
)
def test_meanings_that_cannot_be(extensions: dict[str, object]) -> None:
    with pytest.raises(ProfileError, match=r"extensions\.10: (XX|AB) cannot be"):
        Codec(profile("generic", {"extensions": extensions}))


def test_no_such_profile() -> None:
    with pytest.raises(ProfileError, match="there is none; one of evergreen, folio"):
        profile("../koha")
