//! One event of a contract as a table: where its logs stand, and a column an argument.

use alloy_dyn_abi::{DynSolType, DynSolValue};
use alloy_primitives::{Address, I256, U256};

use super::logs::{place, rows};
use super::{Columns, Selection, Table, excerpt};
use crate::contract::to_json;
use crate::{Chain, Interface, Result};

/// The columns of `logs` up to `address`, then the arguments by name. A name that is taken gets `arg_` in front.
pub(crate) async fn of_event(
    chain: &Chain,
    interface: &Interface,
    event: &str,
    address: Option<Address>,
    selection: Selection,
) -> Result<Table> {
    let event = interface.event(event)?;
    let excerpts = [excerpt(chain, selection).await?];
    let mut kept = Vec::new();
    let mut values = Vec::new();
    for row in rows(&excerpts) {
        if address.is_none_or(|address| address == row.log.address)
            && let Some(arguments) = event.decode(&row.log.data)
        {
            kept.push(row);
            values.push(arguments);
        }
    }
    let mut columns = Columns::new(&format!("event:{}", event.signature), chain.node().seed());
    place(&mut columns, &kept);
    for (number, input) in event.inputs.iter().enumerate() {
        let column: Vec<&DynSolValue> = values.iter().filter_map(|arguments| arguments.get(number)).collect();
        argument(&mut columns, &name(&input.name, number), &input.kind, &column);
    }
    columns.finish()
}

const TAKEN: [&str; 9] =
    ["node", "chain", "height", "index", "log_index", "transaction_hash", "proposed_at", "anchored_at", "address"];

fn name(name: &str, number: usize) -> String {
    match name {
        "" => format!("arg_{number}"),
        taken if TAKEN.contains(&taken) => format!("arg_{taken}"),
        free => free.into(),
    }
}

/// Integers up to 64 bits are integers, wider ones 32 bytes big-endian; what has no column type of its own is JSON text.
fn argument(columns: &mut Columns, name: &str, kind: &DynSolType, column: &[&DynSolValue]) {
    let uint = |value: &DynSolValue| value.as_uint().map_or(U256::ZERO, |(number, _)| number);
    let int = |value: &DynSolValue| value.as_int().map_or(I256::ZERO, |(number, _)| number);
    match kind {
        DynSolType::Bool => columns.flag(name, column.iter().map(|value| value.as_bool().unwrap_or_default())),
        DynSolType::Uint(bits) if *bits <= 64 => {
            columns.u64(name, column.iter().map(|value| uint(value).try_into().unwrap_or(u64::MAX)));
        }
        DynSolType::Int(bits) if *bits <= 64 => {
            columns.i64(name, column.iter().map(|value| int(value).try_into().unwrap_or(i64::MAX)));
        }
        DynSolType::Uint(_) => columns.u256(name, column.iter().map(|value| uint(value))),
        DynSolType::Int(_) => columns.number(name, "int256", column.iter().map(|value| int(value).to_be_bytes::<32>())),
        DynSolType::Address => {
            columns.fixed(name, 20, column.iter().map(|value| value.as_address().unwrap_or_default()));
        }
        DynSolType::FixedBytes(size) => {
            let bytes =
                |value: &&DynSolValue| value.as_fixed_bytes().map(|(bytes, _)| bytes.to_vec()).unwrap_or_default();
            columns.fixed(name, i32::try_from(*size).unwrap_or(32), column.iter().map(bytes));
        }
        DynSolType::Bytes => columns.bytes(name, column.iter().map(|value| value.as_bytes().unwrap_or_default())),
        DynSolType::String => columns.text(name, column.iter().map(|value| value.as_str().unwrap_or_default())),
        _ => columns.text(name, column.iter().map(|value| to_json(value).to_string())),
    }
}
