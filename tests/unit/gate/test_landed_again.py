"""What is landed again under a corrected mapping takes the place of the old rows, or does not."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from saydo.errors import DeliveryRefused
from saydo.gate import check_sources, sources
from saydo.landing import land_all, read_ledger
from saydo.notices import told
from saydo.settings import Settings

COLUMNS = {
    "transaction_id": "id", "id_type": "'account_id'", "id_value": "account",
    "occurred_at": "booked", "transaction_type": "'charge'", "amount": "amount",
    "currency": "'EUR'",
}  # fmt: skip


def settings_with(folder: Path, on_refusal: str = "hold", **columns: str) -> Settings:
    feed = {"name": "ledger", "source": "transactions", "path": "*.csv", "format": "csv"}
    feeds, policy = folder / "feeds.yml", folder / "policy.yml"
    feeds.write_text(yaml.safe_dump({"feeds": [feed | {"columns": COLUMNS | columns}]}))
    policy.write_text(yaml.safe_dump({"landing": {"on_refusal": on_refusal}}))
    return Settings(home=folder, feeds_file=feeds, policy_file=policy, threads=1)


def counting(settings: Settings) -> list[tuple[str, int]]:
    return [
        (b.batch_id[-2:], b.loaded_count) for b in read_ledger(settings) if b.status == "accepted"
    ]


def test_old_rows_count_until_the_gate_accepts_the_new_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compared with others of the new mapping only: a changed unit is what a correction may be."""
    (tmp_path / "landing").mkdir()
    for month in (1, 2):
        lines = [
            f"{month}-{n},a{n},2025-0{month}-{n % 28 + 1:02} 10:00:00,{n}.50" for n in range(60)
        ]
        text = "\n".join(["id,account,booked,amount", *lines, ""])
        (tmp_path / "landing" / f"{month}.csv").write_text(text)
    settings = settings_with(tmp_path)
    land_all(settings)
    check_sources(settings)
    before = counting(settings)

    emptied = {"currency": "case when id like '%7' then 'EUR' else 'eu1' end"}
    wrong = settings_with(tmp_path, amount="amount", occurred_at="booked", **emptied)
    with pytest.raises(DeliveryRefused, match="counts on"):
        land_all(wrong)
    assert counting(wrong) == before

    other = settings_with(tmp_path, product_code="'a'")
    land_all(other)
    with monkeypatch.context() as patch:
        patch.setattr(sources, "_problems", lambda *_: "  it is odd")
        with pytest.raises(DeliveryRefused, match="2 of 2 new batches refused"):
            check_sources(other)
        assert counting(other) == before

        without = settings_with(tmp_path, "go_on_without", product_code="'a'")
        land_all(without)
        assert check_sources(without)["batch_count"] == 2
    assert counting(without) == before
    refused = [n.text for n in told(without) if "the release is without a refused file" in n.text]
    assert len(refused) == 2 and all(text.startswith("check_sources: ") for text in refused)

    right = settings_with(tmp_path, amount="cast(amount as decimal(18, 2)) * 100")
    land_all(right)
    check_sources(right)
    after = counting(right)
    assert [rows for _, rows in after] == [60, 60] and not {*after} & {*before}
    assert {batch.status for batch in read_ledger(right)} == {"accepted", "replaced"}
    folders = {folder.name for folder in (tmp_path / "raw" / "transactions").glob("batch=ledger*")}
    assert folders == {f"batch={b.batch_id}" for b in read_ledger(right) if b.status == "accepted"}
