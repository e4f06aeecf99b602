//! An ABI with its types resolved once.

use std::collections::BTreeMap;
use std::sync::Arc;

use alloy_dyn_abi::{DynSolType, DynSolValue, Specifier};
use alloy_json_abi::{JsonAbi, Param, StateMutability};
use alloy_primitives::{B256, Bytes, Selector};
use serde_json::Value;

use super::EventType;
use crate::{Code, Error, Result};

/// A parameter of a function, event or error.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its name; empty if it has none.
    pub name: String,
    /// Its type.
    pub kind: DynSolType,
}

/// A function, constructor or error: what it takes and gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// `transfer(address,uint256)`.
    pub signature: String,
    /// The first four bytes of a call; zeros for a constructor.
    pub selector: Selector,
    /// What it takes.
    pub inputs: Vec<Parameter>,
    /// What it gives.
    pub outputs: Vec<Parameter>,
    /// True if it changes nothing.
    pub is_view: bool,
    /// True if wei may be sent along.
    pub is_payable: bool,
}

/// An ABI. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Interface(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    functions: BTreeMap<String, Vec<Arc<Method>>>,
    constructor: Method,
    events: BTreeMap<String, Vec<Arc<EventType>>>,
    errors: BTreeMap<Selector, Method>,
    json: Value,
}

impl Interface {
    /// Reads an ABI: a JSON array, or an object with `abi` in it.
    pub fn parse(json: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(json).map_err(|error| abi(format!("this is no ABI: {error}")))?;
        let json = match value {
            Value::Object(mut artifact) => artifact
                .remove("abi")
                .ok_or_else(|| abi("this object has no `abi`: give an ABI array or a compiler's artifact".into()))?,
            other => other,
        };
        let parsed: JsonAbi =
            serde_json::from_value(json.clone()).map_err(|error| abi(format!("this is no ABI: {error}")))?;
        let mut functions: BTreeMap<String, Vec<Arc<Method>>> = BTreeMap::new();
        for function in parsed.functions() {
            functions.entry(function.name.clone()).or_default().push(Arc::new(Method {
                name: function.name.clone(),
                signature: function.signature(),
                selector: function.selector(),
                inputs: parameters(&function.inputs)?,
                outputs: parameters(&function.outputs)?,
                is_view: matches!(function.state_mutability, StateMutability::Pure | StateMutability::View),
                is_payable: function.state_mutability == StateMutability::Payable,
            }));
        }
        let mut events: BTreeMap<String, Vec<Arc<EventType>>> = BTreeMap::new();
        for event in parsed.events() {
            events.entry(event.name.clone()).or_default().push(Arc::new(EventType::new(event)?));
        }
        let mut errors = BTreeMap::new();
        for error in parsed.errors() {
            let method = Method {
                name: error.name.clone(),
                signature: error.signature(),
                selector: error.selector(),
                inputs: parameters(&error.inputs)?,
                outputs: Vec::new(),
                is_view: true,
                is_payable: false,
            };
            errors.insert(error.selector(), method);
        }
        let constructor = Method {
            name: "constructor".into(),
            signature: "constructor".into(),
            selector: Selector::ZERO,
            inputs: parsed
                .constructor
                .as_ref()
                .map_or(Ok(Vec::new()), |constructor| parameters(&constructor.inputs))?,
            outputs: Vec::new(),
            is_view: false,
            is_payable: parsed
                .constructor
                .as_ref()
                .is_some_and(|constructor| constructor.state_mutability == StateMutability::Payable),
        };
        Ok(Self(Arc::new(Inner { functions, constructor, events, errors, json })))
    }

    /// The ABI array it was read from.
    pub fn json(&self) -> &Value {
        &self.0.json
    }

    /// The functions' names.
    pub fn functions(&self) -> impl Iterator<Item = &str> {
        self.0.functions.keys().map(String::as_str)
    }

    /// The events' names.
    pub fn events(&self) -> impl Iterator<Item = &str> {
        self.0.events.keys().map(String::as_str)
    }

    /// All functions of a name, or the one with a whole signature.
    pub fn overloads(&self, name: &str) -> Vec<Arc<Method>> {
        let plain = name.split('(').next().unwrap_or(name);
        let all = self.0.functions.get(plain).cloned().unwrap_or_default();
        if plain == name { all } else { all.into_iter().filter(|method| method.signature == name).collect() }
    }

    /// The function of this name that takes so many arguments; a whole signature chooses among overloads.
    pub fn function(&self, name: &str, arguments: usize) -> Result<Arc<Method>> {
        let overloads = self.overloads(name);
        let mut fitting = overloads.iter().filter(|method| method.inputs.len() == arguments);
        match (fitting.next(), fitting.next()) {
            (Some(method), None) => Ok(method.clone()),
            (Some(_), Some(_)) => Err(abi(format!(
                "`{name}` with {arguments} arguments is ambiguous: name one of {}",
                signatures(&overloads)
            ))),
            (None, _) if overloads.is_empty() => {
                let known: Vec<&str> = self.functions().collect();
                Err(abi(format!("the contract has no function `{name}`; it has {}", known.join(", "))))
            }
            (None, _) => Err(abi(format!("`{name}` takes {}, not {arguments} arguments", signatures(&overloads)))),
        }
    }

    /// The constructor; one without arguments if the ABI names none.
    pub fn constructor(&self) -> &Method {
        &self.0.constructor
    }

    /// The event of this name or signature.
    pub fn event(&self, name: &str) -> Result<Arc<EventType>> {
        let plain = name.split('(').next().unwrap_or(name);
        let all = self.0.events.get(plain).map(Vec::as_slice).unwrap_or_default();
        let mut fitting = all.iter().filter(|event| plain == name || event.signature == name);
        match (fitting.next(), fitting.next()) {
            (Some(event), None) => Ok(event.clone()),
            (Some(_), Some(_)) => Err(abi(format!("event `{name}` is ambiguous: give its whole signature"))),
            (None, _) => {
                let known: Vec<&str> = self.events().collect();
                Err(abi(format!("the contract has no event `{name}`; it has {}", known.join(", "))))
            }
        }
    }

    /// The event with this first topic.
    pub fn event_by_topic(&self, topic: &B256) -> Option<Arc<EventType>> {
        self.0.events.values().flatten().find(|event| event.topic == *topic).cloned()
    }

    /// The custom error with this selector.
    pub fn error(&self, selector: &Selector) -> Option<&Method> {
        self.0.errors.get(selector)
    }
}

impl Method {
    /// Call data: the selector and the arguments.
    pub fn encode(&self, arguments: Vec<DynSolValue>) -> Bytes {
        let arguments = DynSolValue::Tuple(arguments).abi_encode_params();
        [self.selector.as_slice(), arguments.as_slice()].concat().into()
    }

    /// Init code: the bytecode and the constructor's arguments.
    pub fn encode_creation(&self, bytecode: &[u8], arguments: Vec<DynSolValue>) -> Bytes {
        [bytecode, DynSolValue::Tuple(arguments).abi_encode_params().as_slice()].concat().into()
    }

    /// The values that a call returned.
    pub fn decode(&self, output: &[u8]) -> Result<Vec<DynSolValue>> {
        if self.outputs.is_empty() {
            return Ok(Vec::new());
        }
        if output.is_empty() {
            return Err(abi(format!("`{}` returned nothing: is there a contract at this address?", self.signature)));
        }
        decode(&self.outputs, output).ok_or_else(|| {
            abi(format!("the {} bytes that `{}` returned do not fit its ABI", output.len(), self.signature))
        })
    }
}

/// The values of a sequence of types; none if the bytes do not fit.
pub(super) fn decode(parameters: &[Parameter], data: &[u8]) -> Option<Vec<DynSolValue>> {
    let tuple = DynSolType::Tuple(parameters.iter().map(|parameter| parameter.kind.clone()).collect());
    match tuple.abi_decode_params(data) {
        Ok(DynSolValue::Tuple(values)) => Some(values),
        _ => None,
    }
}

fn parameters(params: &[Param]) -> Result<Vec<Parameter>> {
    params
        .iter()
        .map(|param| {
            let kind = param.resolve().map_err(|error| abi(format!("type `{}` is not known: {error}", param.ty)))?;
            Ok(Parameter { name: param.name.clone(), kind })
        })
        .collect()
}

fn signatures(methods: &[Arc<Method>]) -> String {
    methods.iter().map(|method| method.signature.as_str()).collect::<Vec<_>>().join(" or ")
}

/// Something that does not fit a contract's interface.
pub(crate) fn abi(message: String) -> Error {
    Error::new(Code::Abi, message, Value::Null)
}
