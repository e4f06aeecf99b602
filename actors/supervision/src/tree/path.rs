//! Names in the tree: `/`, `/chains`, `/chains/shop/executor`.

use std::{borrow::Borrow, cmp::Ordering, sync::Arc};

use serde::{Serialize, Serializer};

use crate::error::StartError;

/// The path of an actor. Cheap to clone.
///
/// Paths order as strings, so an actor comes before those below it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Path(Arc<str>);

impl Path {
    pub(crate) fn root() -> Self {
        Self(Arc::from("/"))
    }

    pub(crate) fn child(&self, id: &str) -> Result<Self, StartError> {
        if id.is_empty() || id.contains(|character: char| matches!(character, '/' | '*') || character.is_control()) {
            return Err(StartError::Name(id.to_owned()));
        }
        Ok(self.join(id))
    }

    /// The path of `id` below this one, whether or not anyone is there.
    #[must_use]
    pub fn join(&self, id: &str) -> Self {
        if &*self.0 == "/" { Self(Arc::from(format!("/{id}"))) } else { Self(Arc::from(format!("{}/{id}", self.0))) }
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The last name of the path; empty for the root.
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }

    /// The path of the supervisor; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        match self.0.rsplit_once('/')? {
            (_, "") => None,
            ("", _) => Some(Self::root()),
            (parent, _) => Some(Self(Arc::from(parent))),
        }
    }
}

impl Borrow<str> for Path {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl PartialOrd for Path {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Path {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

impl PartialEq<str> for Path {
    fn eq(&self, other: &str) -> bool {
        &*self.0 == other
    }
}

impl PartialEq<&str> for Path {
    fn eq(&self, other: &&str) -> bool {
        &*self.0 == *other
    }
}

impl std::fmt::Display for Path {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::fmt::Debug for Path {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(&self.0, formatter)
    }
}

impl Serialize for Path {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
