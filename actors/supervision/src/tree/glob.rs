//! Selecting paths: `*` stands for any part of one name, `**` for any number of names.

use super::path::Path;

/// A pattern of paths, such as `/chains/*/executor`, `/chains/shop-*` or `/nodes/**/mempool`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<String>);

impl Glob {
    /// Every text is a pattern; one without `*` matches itself alone.
    pub fn new(pattern: &str) -> Self {
        Self(names(pattern).map(str::to_owned).collect())
    }

    /// Whether the pattern stands for this path.
    pub fn matches(&self, path: &Path) -> bool {
        let names: Vec<&str> = names(path.as_str()).collect();
        matches_names(&self.0, &names)
    }
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

fn matches_names(pattern: &[String], names: &[&str]) -> bool {
    match (pattern.split_first(), names.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "**" => {
            matches_names(rest, names) || names.split_first().is_some_and(|(_, names)| matches_names(pattern, names))
        }
        (Some((first, rest)), Some((name, names))) => matches_name(first, name) && matches_names(rest, names),
        _ => false,
    }
}

fn matches_name(pattern: &str, name: &str) -> bool {
    let Some((head, tail)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut rest) = name.strip_prefix(head) else { return false };
    let mut parts: Vec<&str> = tail.split('*').collect();
    let Some(last) = parts.pop() else { return true };
    for part in parts {
        let Some(found) = rest.find(part) else { return false };
        rest = rest.get(found + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_within_a_name_and_two_cross_them() {
        let path = Path::root().join("chains").join("shop-1").join("executor");
        for (pattern, expected) in [
            ("/chains/*/executor", true),
            ("/chains/shop-*/executor", true),
            ("/chains/s*p*1/executor", true),
            ("/chains/*", false),
            ("/**", true),
            ("/**/executor", true),
            ("/chains/**/shop-1/executor", true),
            ("/chains/shop-1/executor", true),
            ("/chains/shop-1/exec", false),
            ("/chains/**/mempool", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(&path), expected, "{pattern}");
        }
        assert!(Glob::new("/").matches(&Path::root()));
    }
}
