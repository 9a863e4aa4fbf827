"""What the details of a person look like in Japanese and English posts, after NFKC and with plain hyphens between figures."""

import re
from typing import Final

_START, _END = r"(?<![0-9A-Za-z\-])", r"(?![0-9A-Za-z]|-[0-9])"
_FIGURE: Final = "[0-9〇一二三四五六七八九十百]"
_STREET: Final = "Street|St|Road|Rd|Avenue|Ave|Lane|Ln|Drive|Dr|Close|Court|Ct|Way|Terrace|Crescent|Gardens|Grove|Boulevard|Blvd|Place|Square|Row"
_POSTCODE: Final = r"(?<![0-9A-Za-z])[A-Za-z]{1,2}[0-9][0-9A-Za-z]? ?[0-9][A-Za-z]{2}(?![0-9A-Za-z])"
"""British: LS6 2AB."""
_STATES: Final = (
    "A[KLRZ]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|RI|S[CD]|T[NX]|UT|V[AT]|W[AIVY]"
)
_DATE: Final = (
    r"(?:(?:19|20)[0-9]{2}(?:年|[-/.])[01]?[0-9](?:月|[-/.])[0-3]?[0-9]日?|[0-3]?[0-9][-/.][0-3]?[0-9][-/.](?:(?:19|20)[0-9]{2}|[0-9]{2})"
    r"|(?:昭和|平成|令和|大正)(?:元|[0-9]{1,2})年[01]?[0-9]月[0-3]?[0-9]日"
    r"|[0-3]?[0-9](?:st|nd|rd|th)? (?:of )?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (?:19|20)[0-9]{2}"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* [0-3]?[0-9](?:st|nd|rd|th)?,? (?:19|20)[0-9]{2}|(?:19|20)[0-9]{6}(?![0-9]))"
)

MOBILE: Final = re.compile(
    rf"{_START}(?:0[789]0[- ]?[0-9]{{4}}[- ]?[0-9]{{4}}|(?:\+44 ?|0)7[0-9]{{3}} ?[0-9]{{3}} ?[0-9]{{3}}|\+81[- ]?[789]0[- ]?[0-9]{{4}}[- ]?[0-9]{{4}}){_END}"
)
LANDLINE: Final = re.compile(
    rf"{_START}(?:0[1-9][0-9]{{0,3}}-[0-9]{{1,4}}-[0-9]{{4}}|\(?[2-9][0-9]{{2}}\)?[-. ][0-9]{{3}}[-. ][0-9]{{4}}|0[12][0-9]{{2,3}} [0-9]{{3}} ?[0-9]{{3,4}})"
    rf"{_END}"
)
PHONES: Final = re.compile(
    rf"{_START}(?:\+[0-9]{{1,3}}[- ]?(?:\(?[0-9]{{1,5}}\)?[- ]?){{2,5}}|0[0-9]{{9,10}}|\(?0[0-9]{{1,4}}[-() ]{{0,2}}[0-9]{{1,4}}[-) ]{{1,2}}[0-9]{{3,4}}"
    rf"|0[0-9]{{2,4}}[- ][0-9]{{3,4}}[- ]?[0-9]{{3,4}}|(?:1[-. ])?\(?[2-9][0-9]{{2}}\)?[-. ]{{1,2}}[0-9]{{3}}[-. ][0-9]{{4}}){_END}"
    rf"|{MOBILE.pattern}|{LANDLINE.pattern}"
)
"""Anybody's."""

HOME: Final = re.compile(
    rf"〒 ?[0-9]{{3}}-?[0-9]{{4}}|[都道府県][^\s。、都道府県]{{1,8}}[市区町村郡][^\s。、]{{0,12}}?{_FIGURE}{{1,4}}(?:-[0-9]|丁目|番)"
    rf"|{_FIGURE}{{1,4}}丁目 ?{_FIGURE}{{1,4}}(?:番|-[0-9])|{_FIGURE}{{1,5}}番地|{_FIGURE}{{1,4}}番{_FIGURE}{{1,4}}号"
    rf"|[市区町村][^\s。、0-9]{{1,10}}[0-9]{{1,4}}-[0-9]{{1,4}}(?:-[0-9]{{1,4}})?(?![0-9])"
    rf"|(?<![0-9A-Za-z])[0-9]{{1,5}}[A-Za-z]? (?:[A-Z][A-Za-z']{{1,20}} ){{1,3}}(?:{_STREET})(?![a-z])"
    rf"|(?<![A-Za-z])(?:Flat|Apt\.?|Apartment|Unit) ?[0-9]{{1,4}}[A-Za-z]?,? [0-9]{{1,5}} [A-Z]|(?<![A-Za-z])P\.?O\.? Box [0-9]{{1,6}}"
)
PLACES: Final = re.compile(
    rf"{_POSTCODE}|(?<![A-Za-z])(?:{_STATES}),? [0-9]{{5}}(?:-[0-9]{{4}})?(?![0-9])|{_FIGURE}{{1,4}}丁目"
    rf"|(?<![0-9A-Za-z])[0-9]{{1,5}}[a-z]? (?:[a-z']{{2,20}} ){{1,2}}(?:street|road|rd|avenue|ave|lane|drive|crescent|terrace|boulevard|blvd)(?![a-z])",
)
"""Addresses, too, but found in other words as well: enough to keep a text in the house, not enough to flag it."""

CARD: Final = re.compile(r"(?<![0-9A-Za-z])[3-6][0-9]{3}(?:[ -]?[0-9]){9,15}(?![0-9A-Za-z])")
"""To be tried by its check digit."""
ACCOUNT: Final = re.compile(
    r"口座(?:番号)?[^\s。、0-9]{0,10}[:： ]?[0-9]{6,8}(?![0-9])|(?:支店|銀行|信金|信用金庫|普通|当座)[^0-9。]{0,16}[0-9]{6,8}(?![0-9])"
    r"|(?<![0-9A-Za-z])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?![0-9A-Za-z])|(?<![0-9-])[0-9]{2}-[0-9]{2}-[0-9]{2}[ ,]{1,2}[^0-9]{0,20}[0-9]{8}(?![0-9])"
    r"|(?i:sort code|routing (?:number|no)|(?:bank )?account (?:number|no|num)|acc(?:t|ount) ?no)\.?[^0-9\n]{0,12}[0-9][0-9 -]{4,16}[0-9]"
)
BIRTH: Final = re.compile(
    rf"(?i:(?:生年月日|誕生日|birth ?day|date of birth|birth ?date|d\.?o\.?b\.?|born)[^0-9。\n]{{0,12}}{_DATE}|{_DATE}[^0-9。\n]{{0,2}}(?:生まれ|生\)|born))"
)
OLD_DATE: Final = re.compile(
    r"(?<![0-9])(?:19[0-9]{2}|200[0-9])(?:年|[-/.])[01]?[0-9](?:月|[-/.])[0-3]?[0-9]|[0-3]?[0-9][-/.][0-3]?[0-9][-/.](?:19[0-9]{2}|200[0-9])(?![0-9])"
    r"|(?i:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* (?:[0-3]?[0-9](?:st|nd|rd|th)?,? )?(?:19[0-9]{2}|200[0-9]))(?![0-9])"
    r"|(?:昭和|大正)(?:元|[0-9]{1,2})年"
)
"""A day so long ago that it is rather somebody's birth than an order's."""
IDENTITY: Final = re.compile(
    r"(?<![0-9-])[0-9]{3}-[0-9]{2}-[0-9]{4}(?![0-9-])|マイナンバー[^0-9。]{0,8}[0-9][0-9 -]{10,13}|(?<![0-9A-Za-z])[A-CEGHJ-PR-TW-Z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-D](?![0-9A-Za-z])"
)
"""Numbers by which a state knows somebody: US, Japan, UK."""
