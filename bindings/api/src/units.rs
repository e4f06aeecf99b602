//! Amounts and times as people write them: no amount crosses without its unit.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use alloy_primitives::U256;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Error, Result};

/// Wei of an amount in whole base tokens ("1000", "0.5"): ten to the eighteenth each.
pub fn iota(text: &str) -> Result<U256> {
    decimal(text, 18, "an amount of base tokens")
}

/// Wei of an amount in gwei, 10⁹ wei.
pub fn gwei(text: &str) -> Result<U256> {
    decimal(text, 9, "an amount of gwei")
}

/// L1 units (10⁻⁶ base token) of an amount in whole base tokens.
pub fn tokens(text: &str) -> Result<u64> {
    let units = decimal(text, 6, "an amount of base tokens on L1")?;
    units.try_into().map_err(|_| Error::malformed(format!("`{text}` base tokens do not fit L1's 64 bits")))
}

/// Wei of a price such as "0.5 gwei", "7 wei", "0.000001 iota", or a plain number of wei.
pub fn price(text: &str) -> Result<U256> {
    match text.trim().rsplit_once(char::is_whitespace) {
        Some((number, "gwei")) => gwei(number),
        Some((number, "wei")) => decimal(number, 0, "a number of wei"),
        Some((number, "iota" | "ether")) => iota(number),
        Some((_, unit)) => Err(Error::malformed(format!("`{unit}` is not a unit: use wei, gwei or iota"))),
        None => amount(text),
    }
}

/// A plain number of wei, decimal or with 0x.
pub fn amount(text: &str) -> Result<U256> {
    let text = text.trim();
    match text.strip_prefix("0x") {
        Some(digits) => U256::from_str_radix(digits, 16)
            .map_err(|error| Error::malformed(format!("`{text}` is not a hexadecimal number: {error}"))),
        None => decimal(text, 0, "a whole number of wei"),
    }
}

fn decimal(text: &str, places: u8, what: &str) -> Result<U256> {
    let clean: String = text.trim().chars().filter(|c| *c != '_' && *c != ',').collect();
    let invalid = |reason: &str| Error::malformed(format!("`{text}` is not {what}: {reason}"));
    let (whole, fraction) = clean.split_once('.').unwrap_or((&clean, ""));
    if (whole.is_empty() && fraction.is_empty()) || !(whole.chars().chain(fraction.chars())).all(|c| c.is_ascii_digit())
    {
        return Err(invalid("write digits with at most one point"));
    }
    let fraction = fraction.trim_end_matches('0');
    let Some(missing) = usize::from(places).checked_sub(fraction.len()) else {
        return Err(invalid(&format!("it has more than {places} decimals")));
    };
    let digits = format!("{whole}{fraction}{}", "0".repeat(missing));
    U256::from_str_radix(&digits, 10).map_err(|_| invalid("it is too large"))
}

/// An amount of wei in plain data: out as a 0x quantity, in as that, decimal text, or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Amount(pub U256);

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Number(u64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Number(wei) => Ok(Self(U256::from(wei))),
            Form::Text(text) => price(&text).map(Self).map_err(serde::de::Error::custom),
        }
    }
}

/// A length of time in plain data: "20ms", "1.5s", "2m", "1h", or a number of milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(pub Duration);

impl FromStr for Span {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let text = text.trim();
        let invalid = || {
            Error::malformed(format!("`{text}` is not a length of time: write \"20ms\", \"1.5s\", \"2m\" or \"1h\""))
        };
        let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').ok_or_else(invalid)?;
        let (number, unit) = text.split_at(split);
        let number: f64 = number.parse().map_err(|_| invalid())?;
        let seconds = match unit.trim() {
            "us" | "µs" => number / 1e6,
            "ms" => number / 1e3,
            "s" => number,
            "m" | "min" => number * 60.0,
            "h" => number * 3600.0,
            _ => return Err(invalid()),
        };
        Duration::try_from_secs_f64(seconds).map(Self).map_err(|_| invalid())
    }
}

impl fmt::Display for Span {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}ms", self.0.as_secs_f64() * 1e3)
    }
}

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0.as_secs_f64() * 1e3)
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Form {
            Milliseconds(f64),
            Text(String),
        }
        match Form::deserialize(deserializer)? {
            Form::Milliseconds(ms) => Duration::try_from_secs_f64(ms / 1e3).map(Self).map_err(serde::de::Error::custom),
            Form::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact_or_refused() {
        assert_eq!(iota("1_000").expect("whole"), U256::from(10).pow(U256::from(21)));
        assert_eq!(gwei("0.5").expect("half"), U256::from(500_000_000_u64));
        assert_eq!(price("0.5 gwei").expect("price"), U256::from(500_000_000_u64));
        assert_eq!(tokens("1.000001").expect("six decimals"), 1_000_001);
        for bad in ["", ".", "1e3", "-1", "0.0000001"] {
            assert_eq!(tokens(bad).expect_err(bad).code(), crate::Code::Malformed);
        }
    }

    #[test]
    fn times_say_their_unit() {
        assert_eq!("20ms".parse::<Span>().expect("ms").0, Duration::from_millis(20));
        assert_eq!("1.5 s".parse::<Span>().expect("s").0, Duration::from_millis(1500));
        assert!(
            "20".parse::<Span>().is_err() && "-1s".parse::<Span>().is_err() && "1 fortnight".parse::<Span>().is_err()
        );
    }
}
