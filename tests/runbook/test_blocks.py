"""The reader of the runbook's blocks and of what they are said to print."""

from __future__ import annotations

import pytest

from tests.runbook.blocks import looks_like, read_blocks

PAGE = """
## First

<!-- sqlite -->
<!-- runs until stopped -->
```bash
run
```

```text
Watching
```

### Inner

<!-- not run: there is no such machine here -->
```python
x = 1
```

```crontab
0 * * * * not a block
```
"""


def test_blocks_know_their_place_and_how_they_are_run() -> None:
    first, second = read_blocks(PAGE)
    assert (first.section, first.language, first.text, first.line) == ("First", "bash", "run\n", 7)
    assert (first.databases, first.until_stopped, first.shown) == (("sqlite",), True, ["Watching"])
    assert (second.section, second.heading) == ("First", "Inner")
    assert second.not_run == "there is no such machine here"


def test_twins_for_the_two_databases_print_the_same() -> None:
    page = "## A\n<!-- sqlite -->\n```sql\na\n```\n<!-- postgres -->\n```sql\nb\n```\n```text\nok\n```\n"
    assert [block.shown for block in read_blocks(page)] == [["ok"], ["ok"]]


def test_twins_that_print_differently_have_an_output_each() -> None:
    first = "<!-- sqlite -->\n```sql\na\n```\n```text\n1\n```\n"
    second = "<!-- postgres -->\n```sql\nb\n```\n```text\n2\n```\n"
    assert [block.shown for block in read_blocks("## A\n" + first + second)] == [["1"], ["2"]]


def test_a_comment_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="nobody knows"):
        read_blocks("<!-- sqlight -->\n```bash\nrun\n```\n")


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["Docs (24h): 5 processed"], "Docs (24h): 17 processed\n"),
        (["total 5  0.0006"], " total   12     1.5001 \n\n"),
        (["OK (… free)"], "OK (84GB free)\n"),
        (["a", "…", "z"], "a\nb\nc\nz\n"),
        (["a", "…"], "a\n"),
    ],
)
def test_output_may_differ_in_numbers_spaces_and_where_it_is_said(shown: list[str], printed: str) -> None:
    assert looks_like(shown, printed)


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        (["Database: ✅ OK"], "Database: ❌ FAILED\n"),
        (["a", "z"], "a\nb\nz\n"),
        (["a"], "a\nb\n"),
        (["5"], "\n"),
        (["a.c"], "abc\n"),
    ],
)
def test_other_output_is_seen(shown: list[str], printed: str) -> None:
    assert not looks_like(shown, printed)
