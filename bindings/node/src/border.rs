//! How errors leave, and how arguments are read.

use std::future::Future;
use std::str::FromStr;
use std::time::Duration;

use napi::bindgen_prelude::{Error as JsError, Result as JsResult};
use serde::de::DeserializeOwned;
use vespiary_api::{Error, Result, contained};

/// A promise can only be rejected with text: the whole error goes as JSON.
pub(crate) fn raise(error: Error) -> JsError {
    JsError::from_reason(error.to_json())
}

/// Waits for the facade, a panic of it being an error like any other.
pub(crate) async fn outcome<T>(future: impl Future<Output = Result<T>>) -> JsResult<T> {
    contained(future).await.map_err(raise)
}

/// A JSON argument.
pub(crate) fn read<T: DeserializeOwned>(json: &str) -> Result<T> {
    Ok(serde_json::from_str(json)?)
}

/// An argument of one word, such as a level.
pub(crate) fn word<T: FromStr<Err: ToString>>(text: &str) -> Result<T> {
    text.parse::<T>().map_err(|error| Error::malformed(error.to_string()))
}

/// A height or a count: JavaScript's whole numbers are signed.
pub(crate) fn whole(number: i64, what: &str) -> Result<u64> {
    u64::try_from(number).map_err(|_| Error::malformed(format!("{what} must not be negative, and is {number}")))
}

/// Milliseconds as a duration.
pub(crate) fn span(milliseconds: f64) -> Result<Duration> {
    Duration::try_from_secs_f64(milliseconds / 1e3)
        .map_err(|_| Error::malformed(format!("{milliseconds} ms is not a time that can be waited for")))
}
