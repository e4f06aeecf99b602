//! A log as an event's arguments.

use alloy_dyn_abi::{DynSolType, DynSolValue, Specifier};
use alloy_json_abi::Event;
use alloy_primitives::{B256, LogData};

use super::interface::{Parameter, abi, decode};
use crate::Result;

/// An event with its types resolved.
#[derive(Debug, Clone, PartialEq)]
pub struct EventType {
    /// Its name.
    pub name: String,
    /// `Transfer(address,address,uint256)`.
    pub signature: String,
    /// keccak-256 of the signature: the first topic. Anonymous events are not told apart by it.
    pub topic: B256,
    /// Its arguments in order of declaration; those of dynamic types are hashes when indexed.
    pub inputs: Vec<Parameter>,
    /// Which of them are topics.
    indexed: Vec<bool>,
}

impl EventType {
    pub(super) fn new(event: &Event) -> Result<Self> {
        let mut inputs = Vec::with_capacity(event.inputs.len());
        let mut indexed = Vec::with_capacity(event.inputs.len());
        for input in &event.inputs {
            let kind = input.resolve().map_err(|error| abi(format!("type `{}` is not known: {error}", input.ty)))?;
            // An indexed argument that does not fit a word is stored as its hash (Solidity ABI, "Encoding of indexed event parameters").
            let hashed = input.indexed && !is_word(&kind);
            let kind = if hashed { DynSolType::FixedBytes(32) } else { kind };
            inputs.push(Parameter { name: input.name.clone(), kind });
            indexed.push(input.indexed);
        }
        Ok(Self { name: event.name.clone(), signature: event.signature(), topic: event.selector(), inputs, indexed })
    }

    /// The arguments of a log in order of declaration; none if the log is not of this event.
    pub fn decode(&self, log: &LogData) -> Option<Vec<DynSolValue>> {
        let (first, topics) = log.topics().split_first()?;
        if *first != self.topic || topics.len() != self.indexed.iter().filter(|indexed| **indexed).count() {
            return None;
        }
        let body: Vec<Parameter> = self
            .inputs
            .iter()
            .zip(&self.indexed)
            .filter(|(_, indexed)| !**indexed)
            .map(|(input, _)| input.clone())
            .collect();
        let mut body = decode(&body, &log.data)?.into_iter();
        let mut topics = topics.iter();
        self.inputs
            .iter()
            .zip(&self.indexed)
            .map(
                |(input, indexed)| {
                    if *indexed { input.kind.abi_decode(topics.next()?.as_slice()).ok() } else { body.next() }
                },
            )
            .collect()
    }
}

fn is_word(kind: &DynSolType) -> bool {
    matches!(
        kind,
        DynSolType::Bool
            | DynSolType::Int(_)
            | DynSolType::Uint(_)
            | DynSolType::FixedBytes(_)
            | DynSolType::Address
            | DynSolType::Function
    )
}
