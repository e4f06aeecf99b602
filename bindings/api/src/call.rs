//! A call that is simulated or to be signed, in `eth_call`'s shape.

use alloy_primitives::{Address, Bytes, U256};
use serde::Deserialize;

/// What `eth_call`, `eth_estimateGas` and `eth_sendTransaction` take. Fields that are not known are left alone, as wallets send many.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CallRequest {
    /// Who calls; the zero address if nobody is named.
    pub from: Option<Address>,
    /// The contract; none creates one.
    pub to: Option<Address>,
    /// Most gas.
    #[serde(with = "quantity")]
    pub gas: Option<u64>,
    /// Price of a gas unit.
    #[serde(with = "wide")]
    pub gas_price: Option<U256>,
    /// EIP-1559's cap.
    #[serde(with = "wide")]
    pub max_fee_per_gas: Option<U256>,
    /// EIP-1559's tip.
    #[serde(with = "wide")]
    pub max_priority_fee_per_gas: Option<U256>,
    /// Wei sent along.
    #[serde(with = "wide")]
    pub value: Option<U256>,
    /// Call data or init code.
    pub data: Option<Bytes>,
    /// The newer name of `data`.
    pub input: Option<Bytes>,
    /// The nonce to sign.
    #[serde(with = "quantity")]
    pub nonce: Option<u64>,
    /// The EVM chain id that the caller has in mind.
    #[serde(with = "quantity")]
    pub chain_id: Option<u64>,
}

impl CallRequest {
    /// Call data under either name.
    pub fn call_data(&self) -> Bytes {
        self.input.clone().or_else(|| self.data.clone()).unwrap_or_default()
    }

    /// The most that is offered for a gas unit.
    pub fn price(&self) -> Option<U256> {
        self.max_fee_per_gas.or(self.gas_price)
    }
}

/// 0x quantities, decimal texts or numbers of 64 bits.
mod quantity {
    use serde::Deserializer;

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
        super::wide::deserialize(deserializer)?
            .map(|wide| {
                u64::try_from(wide).map_err(|_| serde::de::Error::custom(format!("{wide} does not fit 64 bits")))
            })
            .transpose()
    }
}

/// The same of 256 bits.
mod wide {
    use alloy_primitives::U256;
    use serde::{Deserialize, Deserializer};

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<U256>, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        Ok(match Option::<Form>::deserialize(deserializer)? {
            None => None,
            Some(Form::Number(number)) => Some(U256::from(number)),
            Some(Form::Text(text)) => Some(crate::units::amount(&text).map_err(serde::de::Error::custom)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wallets_many_forms_are_read() {
        let call: CallRequest = serde_json::from_str(
            r#"{"to":"0x1074000000000000000000000000000000000000","gas":"0x5208","value":5,"data":"0x01","type":"0x2"}"#,
        )
        .expect("a call");
        assert_eq!((call.gas, call.value), (Some(21_000), Some(U256::from(5))));
        assert_eq!(call.call_data().as_ref(), [1]);
        assert!(serde_json::from_str::<CallRequest>(r#"{"gas":"0x1ffffffffffffffffff"}"#).is_err());
    }
}
