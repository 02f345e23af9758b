"""Clean inside Hugging Face `datasets`: a function for `Dataset.map`, and the features of what it leaves.

    order = Order.of()
    cleaned = clean_dataset(dataset, order, num_proc=2)
    cleaned = dataset.map(clean_batch(order), batched=True, features=cleaned_features(dataset.features, order))

Both lines do the same. A row comes back for each row, in order. Its text is the body, an empty title is filled, and the
column `cleaning` holds the account, its maps (`metadata`, `resolved`, `origins`) as lists of `key` and `value`, as
datasets has no maps. A row that cannot be cleaned, as one without text, keeps what it has, and its account has the
`status` `rejected` and the `reason`.

The function's fingerprint is that of the order and of this version of `cleaner`: what `datasets` has in its cache is
taken again only where the same rules would run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, TypeVar, Unpack

from cleaner.adapters.columns import account_column, account_value, clean_columns
from cleaner.adapters.extras import needs
from cleaner.adapters.order import Choices, Order, order_for
from cleaner.adapters.rows import clean_rows
from cleaner.errors import OptionError
from cleaner.io.arrow import array_of
from cleaner.io.record import CLEANING, Fields
from cleaner.rules.compiled import version

with needs("datasets"):
    import datasets
    import pyarrow as pa

Data = TypeVar("Data")


@dataclass(frozen=True, slots=True)
class CleanBatch:
    """Clean a batch as `map` hands it over, of Python's values or of Arrow; `version` is for the fingerprint alone."""

    order: Order
    version: str

    def __call__(self, batch: Any) -> Any:
        """Return the columns of text, title and account; of an Arrow table the whole of it.

        Raises `OptionError` where the batch has a column `cleaning` already, or is of another format.
        """
        if isinstance(batch, pa.Table):
            _check(batch.column_names, self.order)
            parts = [clean_columns(part, self.order, maps=False) for part in batch.combine_chunks().to_batches()]
            return pa.Table.from_batches(parts) if parts else batch
        if not isinstance(batch, Mapping):
            raise OptionError(
                f"a batch is a {type(batch).__module__}.{type(batch).__name__}, and `clean_batch` takes values of Python "
                "or of Arrow: dataset.with_format(None)"
            )
        _check(list(batch), self.order)
        return _clean(batch, self.order)


def clean_batch(order: Order | None = None, **choices: Unpack[Choices]) -> CleanBatch:
    """Return the function for `map(..., batched=True)`; it travels to other processes, and rules go by their digest.

    Choices name columns (`text="body"`) and options of `cleaner clean`, in place of an order.
    """
    return CleanBatch(order_for(order, choices), version())


def cleaned_features(
    features: datasets.Features, order: Order | None = None, **choices: Unpack[Choices]
) -> datasets.Features:
    """Return the features of what `clean_batch` leaves, in order: text and title where they are missing, and `cleaning`.

    Raises `OptionError` where no column holds a text or a page, a text is no string, or there is a column `cleaning`
    already.
    """
    order = order_for(order, choices)
    fields = order.fields
    _check(list(features), order)
    own = {name: feature for name, feature in features.items() if name != CLEANING}
    for name in (fields.text, fields.title):
        kind = getattr(own.get(name), "dtype", type(own.get(name)).__name__.lower())
        if name not in own or kind == "null":
            own[name] = datasets.Value("string")
        elif kind not in ("string", "large_string"):
            raise OptionError(f"the column `{name}` holds {kind}, not strings: cast it (`cast_column`)")
    schema = pa.schema([(CLEANING, account_column(order.style, maps=False))])
    return datasets.Features({**own, **datasets.Features.from_arrow_schema(schema)})


def clean_dataset(dataset: Data, order: Order | None = None, **mapping: Any) -> Data:
    """Return a dataset, streamed or not, or a dict of them, with its texts cleaned and its features declared.

    `mapping` goes to `map` (`num_proc`, `batch_size`, `load_from_cache_file`, ...). The features of a streamed dataset
    that does not know its own stay unknown.
    """
    order = order_for(order, {})
    if isinstance(dataset, dict):
        return type(dataset)({name: clean_dataset(part, order, **mapping) for name, part in dataset.items()})
    known: Any = dataset
    cleaned: Data
    features = known.features and cleaned_features(known.features, order)
    if isinstance(known, datasets.Dataset) and not len(known):  # `map` leaves what is empty as it is
        cleaned = datasets.Dataset.from_dict({name: [] for name in features}, features, split=known.split)
    else:
        cleaned = known.map(clean_batch(order), batched=True, features=features, **mapping)
    return cleaned


def _clean(batch: Mapping[str, Any], order: Order) -> dict[str, list[Any]]:
    fields, style = order.fields, order.style
    names = {role: name for role, name in asdict(fields).items() if name in batch}
    columns = [list(batch[name]) for name in names.values()]
    rows = (dict(zip(names, values, strict=True)) for values in zip(*columns, strict=True))
    cleaned = list(clean_rows(order, rows))
    accounts = array_of([account_value(row, style, maps=False) for row in cleaned], account_column(style, maps=False))
    return {
        fields.text: [row.text for row in cleaned],
        fields.title: [row.title for row in cleaned],
        CLEANING: accounts.to_pylist(),  # whole: `map` takes the members of a struct from the values of a batch
    }


def _check(names: list[str], order: Order) -> None:
    fields: Fields = order.fields
    if not {fields.text, fields.html, fields.html_base64} & set(names):
        raise OptionError(
            f"neither `{fields.text}` nor `{fields.html}` among the columns {', '.join(names)}; "
            'say which it is: Order.of(fields=Fields(text="body"))'
        )
    if CLEANING in names and not order.recleaning:
        raise OptionError("the dataset has a column `cleaning` already: remove it, or order recleaning")
