"""Filters that ask the findings: `finding:` and `severity:`."""

from dataclasses import replace

import pytest

from exchanges import BEHIND_TLS, exchanged, page
from httpresp_capture.analysis.clusters import ErrorClusters
from httpresp_capture.analysis.finding_hooks import finding_hooks, finding_values
from httpresp_capture.analysis.findings import Findings
from httpresp_capture.checks import Options
from httpresp_capture.query import Hooks, QueryError, compile_query
from httpresp_capture.records.exchange import Response
from positives import SESSION, THEME

POLICY = b"Content-Security-Policy: default-src 'none'; frame-ancestors 'none'"
(CLEAN,) = exchanged(b"HTTP/1.1 204 No Content\r\nX-A: 1\r\n\r\n")
(HIGH,) = exchanged(page(SESSION))
PROTECTED = (POLICY, b"X-Content-Type-Options: nosniff", b"Strict-Transport-Security: max-age=99999999")
(LOW,) = exchanged(page(THEME, *PROTECTED), BEHIND_TLS)
SHOWN = {"clean": CLEAN, "high": replace(HIGH, id=2), "low": replace(LOW, id=3)}


def kept(text: str) -> set[str]:
    """The responses that a filter lets through."""
    query = compile_query(text, finding_hooks(Findings()))
    return {name for name, response in SHOWN.items() if query(response)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("finding:ck-clear", {"high", "low"}),
        ("finding=CK-CLEAR", {"high", "low"}),
        ("finding=CK-CLEA", set[str]()),
        ("finding:nosniff", {"high"}),
        ("finding:theme", {"low"}),
        ('finding:"clear text"', {"high", "low"}),
        ("finding~^CK-HTTP", {"high"}),
        ("-finding:nosniff", {"clean", "low"}),
        ("finding:nosniff,theme", {"high", "low"}),
        ("severity:high", {"high"}),
        ("severity:medium", {"high"}),
        ("severity:low", {"high", "low"}),
        ("severity>=medium", {"high"}),
        ("severity>=LOW", {"high", "low"}),
        ("severity>high", set[str]()),
        ("severity<=high", {"high", "low"}),
        ("severity!=high", {"clean", "low"}),
        ("severity:high,info", {"high", "low"}),
    ],
)
def test_a_filter_asks_the_findings(text: str, expected: set[str]) -> None:
    assert kept(text) == expected


@pytest.mark.parametrize(
    ("text", "said", "start", "end", "suggestion"),
    [
        ("severity:hgh", "Unknown severity 'hgh': did you mean 'high'?", 9, 12, "high"),
        (
            "finding:hstss",
            "Unknown check 'hstss': did you mean 'hsts'? (In quotes, it is looked for as it is.)",
            8,
            13,
            "hsts",
        ),
        (
            "finding:ck-cleer",
            "Unknown check 'ck-cleer': did you mean 'ck-clear'? (In quotes, it is looked for as it is.)",
            8,
            16,
            "ck-clear",
        ),
        ("finding:NO-SUCH", "Unknown check 'NO-SUCH'.", 8, 15, ""),
        ("severity>=9", "Unknown severity '9'.", 10, 11, ""),
        ("severity~h", "Severities are words: use : or an order, as in severity>=medium", 9, 10, ""),
        ("finding>x", "This field is text: use : for a part, = for the whole, ~ for a regular expression.", 8, 9, ""),
    ],
)
def test_a_slip_is_marked_where_it_stands(text: str, said: str, start: int, end: int, suggestion: str) -> None:
    with pytest.raises(QueryError) as slip:
        compile_query(text, finding_hooks(Findings()))
    assert (str(slip.value), slip.value.start, slip.value.end, slip.value.suggestion) == (said, start, end, suggestion)


@pytest.mark.parametrize(
    "word", ["theme", "set-cookie", "x-foo-session", '"hstss"', "/hstss/", "phpsessid", "Location"]
)
def test_a_parameter_or_a_word_of_a_reason_may_be_anything(word: str) -> None:
    compile_query(f"finding:{word}", finding_hooks(Findings()))


def test_without_findings_both_words_are_not_available() -> None:
    for text in ("finding:hsts", "severity:high"):
        with pytest.raises(QueryError, match="is not available yet"):
            compile_query(text)


def test_other_hooks_may_stand_beside() -> None:
    def marked(response: Response) -> list[str]:
        return ["yes"] if response.id == 3 else []

    query = compile_query("is:marked severity<=low", Hooks({**finding_values(Findings()), "marked": marked}))
    assert {name for name, response in SHOWN.items() if query(response)} == {"low"}


def test_nothing_is_examined_before_it_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    findings = Findings(Options())
    examined: list[Response] = []
    monkeypatch.setattr(findings, "check", examined.append)
    query = compile_query("status:404 finding:hsts", finding_hooks(findings))
    assert not query(SHOWN["high"])
    assert not examined


def test_a_row_of_the_findings_leads_to_all_its_responses_and_only_those() -> None:
    findings = Findings()
    pages = [page(SESSION), page(THEME), page(SESSION, THEME), page()]
    responses = [
        replace(response, id=id)
        for id, response in enumerate(
            [one for each in pages * 4 for port in (80, 8080) for one in exchanged(each, port=port)], 1
        )
    ]
    for response in responses:
        findings.add(response)
    rows = findings.rows()
    assert len({row.name for row in rows}) == len(rows) > 8
    for row in rows:
        query = compile_query(f'found="{row.name}"', finding_hooks(findings))
        shown = [response.id for response in responses if query(response)]
        assert len(shown) == row.count
        assert set(row.samples) <= set(shown)


def test_a_cause_of_errors_leads_to_all_its_responses_and_only_those() -> None:
    clusters = ErrorClusters()
    bodies = (b"<title>Gone</title>", b"<title>Broken</title>", b"<title>Fine</title>")
    statuses = (b"404 Not Found", b"500 Oops", b"200 OK")
    responses = [
        replace(response, id=id)
        for id, response in enumerate(
            [
                one
                for _ in range(7)
                for body, status in zip(bodies, statuses, strict=True)
                for one in exchanged(page(body=body, status=status))
            ],
            1,
        )
    ]
    for response in responses:
        clusters.add(response)
    assert [cluster.count for cluster in clusters.clusters()] == [7, 7]
    for cluster in clusters.clusters():
        query = compile_query(f"cause={cluster.fingerprint.id}", finding_hooks(Findings()))
        assert sum(map(query, responses)) == 7
