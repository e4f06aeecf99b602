"""Tables: Arrow without a copy, and data frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from . import _native

if TYPE_CHECKING:
    import pandas
    import polars
    import pyarrow

U256 = Literal["float", "text", "bytes"]


class Table:
    """A table of a node, a chain or an event. Anything that speaks Arrow's PyCapsule protocol takes it as it is."""

    def __init__(self, native: _native.Table) -> None:
        self._native = native

    def __len__(self) -> int:
        return len(self._native)

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [name for name, _, _ in self._native.columns]

    @property
    def metadata(self) -> dict[str, str]:
        """`vespiary.table`, `vespiary.schema` (its version), `vespiary.version` and, if there is one, `vespiary.seed`."""
        return self._native.metadata

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._native.__arrow_c_stream__(requested_schema)

    def to_ipc(self) -> bytes:
        """An Arrow IPC stream."""
        return self._native.to_ipc()

    def to_arrow(self) -> pyarrow.Table:
        """A pyarrow table, sharing memory."""
        import pyarrow

        return pyarrow.table(self)

    def to_polars(self, *, u256: U256 = "float", hex: bool = True) -> polars.DataFrame:
        """A polars data frame. Polars has no 256-bit integers: `u256` makes them floats (rounded), decimal text, or 32 bytes.

        `hex` writes hashes, addresses and bytes as 0x text.
        """
        import polars

        _check(u256)
        frame = polars.DataFrame(self)
        changes = []
        for name, kind, meaning in self._native.columns:
            if meaning in ("uint256", "int256"):
                if u256 != "bytes":
                    changes.append(polars.Series(name, _numbers(frame[name].to_list(), meaning, u256), strict=False))
            elif hex and "Binary" in kind:
                changes.append(polars.Series(name, _hex(frame[name].to_list()), dtype=polars.String))
        return frame.with_columns(changes)

    def to_pandas(self, *, u256: U256 = "float", hex: bool = True) -> pandas.DataFrame:
        """A pandas data frame, as `to_polars` makes them."""
        _check(u256)
        frame: pandas.DataFrame = self.to_arrow().to_pandas()
        for name, kind, meaning in self._native.columns:
            if meaning in ("uint256", "int256"):
                if u256 != "bytes":
                    frame[name] = _numbers(list(frame[name]), meaning, u256)
            elif hex and "Binary" in kind:
                frame[name] = _hex(list(frame[name]))
        return frame

    def to_pylist(self) -> list[dict[str, Any]]:
        """Rows as dicts; 256-bit numbers are integers, bytes are bytes, times are datetimes, cut to the microseconds these hold."""
        rows: list[dict[str, Any]] = _microseconds(self.to_arrow()).to_pylist()
        wide = [(name, meaning == "int256") for name, _, meaning in self._native.columns if meaning]
        for row in rows:
            for name, signed in wide:
                if row[name] is not None:
                    row[name] = int.from_bytes(row[name], "big", signed=signed)
        return rows

    def __repr__(self) -> str:
        return f"<Table {self.metadata.get('vespiary.table')}: {len(self)} rows of {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        try:
            return str(self.to_polars()._repr_html_())
        except ImportError:
            return f"<code>{self!r}</code>"


def _microseconds(table: pyarrow.Table) -> pyarrow.Table:
    """The table with times in microseconds: pyarrow makes datetimes of nanoseconds only if pandas is there."""
    import pyarrow

    fields = [
        field.with_type(pyarrow.timestamp("us", field.type.tz))
        if pyarrow.types.is_timestamp(field.type) and field.type.unit == "ns"
        else field
        for field in table.schema
    ]
    return table.cast(pyarrow.schema(fields), safe=False)


def _check(u256: str) -> None:
    if u256 not in ("float", "text", "bytes"):
        raise ValueError(f'u256 is "float", "text" or "bytes", not {u256!r}')


def _numbers(values: list[bytes | None], meaning: str, form: str) -> list[float | None] | list[str | None]:
    numbers = [None if value is None else int.from_bytes(value, "big", signed=meaning == "int256") for value in values]
    if form == "float":
        return [None if number is None else float(number) for number in numbers]
    return [None if number is None else str(number) for number in numbers]


def _hex(values: list[bytes | None]) -> list[str | None]:
    return [None if value is None else f"0x{value.hex()}" for value in values]
