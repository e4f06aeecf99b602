//! Which logs pass.

use alloy_primitives::{Address, B256, Bloom};
use serde::{Deserialize, Deserializer};
use vespiary_types::Log;

use crate::ethereum::bloom_may_match;

/// Addresses and topics, in `eth_getLogs`' form: each may be one, several or any.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct LogFilter {
    /// Whose logs; any if empty.
    #[serde(deserialize_with = "one_or_many")]
    pub address: Vec<Address>,
    /// By place: any of these, or anything.
    #[serde(deserialize_with = "topics")]
    pub topics: Vec<Option<Vec<B256>>>,
}

impl LogFilter {
    /// False if a block with this bloom cannot hold such a log.
    pub fn may_match(&self, bloom: &Bloom) -> bool {
        bloom_may_match(bloom, &self.address, &self.topics)
    }

    /// True if a log passes.
    pub fn matches(&self, log: &Log) -> bool {
        let topics = log.data.topics();
        (self.address.is_empty() || self.address.contains(&log.address))
            && topics.len() >= self.topics.len()
            && self.topics.iter().zip(topics).all(|(choices, topic)| match choices {
                Some(choices) if !choices.is_empty() => choices.contains(topic),
                _ => true,
            })
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany<T> {
    One(T),
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    fn into_vec(self) -> Vec<T> {
        match self {
            Self::One(one) => vec![one],
            Self::Many(many) => many,
        }
    }
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Address>, D::Error> {
    Ok(Option::<OneOrMany<Address>>::deserialize(deserializer)?.map(OneOrMany::into_vec).unwrap_or_default())
}

fn topics<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Option<Vec<B256>>>, D::Error> {
    let topics = Option::<Vec<Option<OneOrMany<B256>>>>::deserialize(deserializer)?.unwrap_or_default();
    Ok(topics.into_iter().map(|topic| topic.map(OneOrMany::into_vec)).collect())
}

#[cfg(test)]
mod tests {
    use alloy_primitives::LogData;

    use super::*;

    #[test]
    fn places_addresses_and_wildcards_are_honoured() {
        let (one, two) = (B256::repeat_byte(1), B256::repeat_byte(2));
        let log = Log { address: Address::repeat_byte(9), data: LogData::new_unchecked(vec![one, two], [].into()) };
        let passes = |json: &str| serde_json::from_str::<LogFilter>(json).expect("a filter").matches(&log);
        assert!(passes("{}"));
        assert!(passes(&format!(r#"{{"address":"{}","topics":[null,"{two}"]}}"#, log.address)));
        assert!(passes(&format!(r#"{{"topics":[["{two}","{one}"]]}}"#)));
        assert!(!passes(&format!(r#"{{"topics":["{two}"]}}"#)));
        assert!(!passes(r#"{"topics":[null,null,null]}"#));
    }
}
