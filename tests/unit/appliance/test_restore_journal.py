"""How far a restoration has come, for one that was cut off."""

from pathlib import Path

import pytest

from belgenet.appliance.restore import journal
from belgenet.appliance.restore.errors import Exit, RestoreError, exit_code


class TestJournal:
    def test_it_goes_on_where_it_was(self, tmp_path: Path):
        file = tmp_path / "deep" / "state.json"
        state = journal.begin("a", "/x", file)
        state = journal.write(state.taken("one", rows=3).without(["k2", "k1"]), file)
        again = journal.begin("a", "/y", file)
        assert again == state
        assert (again.done, again.missing, again.facts) == (("one",), ("k1", "k2"), {"rows": 3})
        assert journal.under_way(file) == "a"

    def test_another_backup_takes_the_place_of_one_whose_database_did_not_come_back(self, tmp_path: Path):
        file = tmp_path / "state.json"
        journal.write(journal.State("a", "/x", "t", ("settings", "aside", "repository"), facts={"copy": "c"}), file)
        state = journal.begin("b", "/y", file)
        assert (state.backup, state.address, state.done, state.facts) == ("b", "/y", ("aside",), {})

    def test_another_backup_is_refused_until_the_first_is_through(self, tmp_path: Path):
        file = tmp_path / "state.json"
        journal.write(journal.begin("a", "/x", file).taken("database"), file)
        with pytest.raises(RestoreError) as caught:
            journal.begin("b", "/x", file)
        assert exit_code(caught.value) == Exit.NOT_EMPTY
        journal.write(journal.State("a", "/x", "t", ended=journal.now()), file)
        assert journal.under_way(file) == ""
        assert journal.begin("b", "/x", file).done == ()
