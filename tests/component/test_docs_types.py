"""``docs/types.md`` is what the product does: each example is run, and each row of each table is tried."""

from __future__ import annotations

import re

import pytest

from containertask.codec.text import compact
from containertask.types.grammar import TYPE_NAMES
from support.typescells import from_yaml
from support.typeschecks import checked, manifest_cells, uses_manifest
from support.typespage import PAGES, Example, Section, Table, sections
from support.typesruns import PROGRAMS, listing, refusal, started

EXAMPLES = [one for section in PAGES for one in section.examples]
TABLES = [(section, table) for section in PAGES for table in section.tables]
PARTS = {"yaml task", "text sees", "sh", "python", "yaml outputs"}


@pytest.mark.parametrize(
    ("example", "language"),
    [(one, language) for one in EXAMPLES for language in PROGRAMS if language in one.blocks],
    ids=str,
)
def test_an_example_gives_what_the_page_says(example: Example, language: str) -> None:
    with started(example) as run:
        found = listing(run.found())
        told = run.told(language, example.blocks[language])
        outputs = run.outputs(told)
    assert found == example.blocks.get("text sees", found)
    if (message := example.blocks.get("text message")) is None:
        assert told.report.message is None
        assert compact(outputs) == compact(from_yaml(example.blocks["yaml outputs"]))
    else:
        pattern = re.escape(message.rstrip("\n")).replace("…", ".*")
        assert re.fullmatch(pattern, told.report.message or ""), told.report.message


@pytest.mark.parametrize("example", [one for one in EXAMPLES if "text refused" in one.blocks], ids=str)
def test_a_spec_that_the_page_calls_refused_is(example: Example) -> None:
    refused = refusal(from_yaml(example.blocks["yaml task"]))
    assert f"{refused}\n" == example.blocks["text refused"]


@pytest.mark.parametrize("example", EXAMPLES, ids=str)
def test_every_block_has_a_test(example: Example) -> None:
    kinds = set(example.blocks)
    if "text refused" in kinds:
        assert kinds == {"yaml task", "text refused"}
        return
    assert kinds <= PARTS | {"text message", "yaml configmap"}
    assert kinds & set(PROGRAMS), "no program"
    assert len(kinds & {"yaml outputs", "text message"}) == 1, "what becomes of it?"


@pytest.mark.parametrize(("section", "table"), TABLES, ids=lambda one: getattr(one, "title", ""))
def test_every_row_of_a_table_is_what_the_product_does(section: Section, table: Table) -> None:
    assert table.rows
    wrong = [said for row in table.rows if (said := checked(section, table.header, row))]
    assert not wrong, "\n".join(wrong)


def test_the_manifests_are_what_the_page_says() -> None:
    (table,) = (one for _, one in TABLES if uses_manifest(one.header))
    assert manifest_cells(table.rows) == [tuple(row[2:]) for row in table.rows]


@pytest.mark.parametrize("name", TYPE_NAMES)
def test_every_type_has_a_section_with_a_whole_example(name: str) -> None:
    (section,) = (one for one in PAGES if one.title == f"`{name}`")
    assert set(section.examples[0].blocks) == PARTS


@pytest.mark.parametrize(
    "text", ["    x", "~~~", "  ```sh", " | a |", "<pre>", "```sh\nx\n```", "```yaml task\n"]
)
def test_what_the_reader_of_the_page_would_overlook_is_an_error(text: str) -> None:
    with pytest.raises(AssertionError):
        sections(text)
