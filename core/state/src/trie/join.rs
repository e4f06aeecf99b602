//! The second core, handed in: this crate has no threads of its own.

/// Runs both closures, in whatever order or at the same time, and returns when both have ended.
///
/// The result of everything computed with it is the same for every schedule. A closure that was not run by the time it
/// returns is run by the caller.
pub type Join<'a> = &'a (dyn Fn(&mut (dyn FnMut() + Send), &mut (dyn FnMut() + Send)) + Sync);

/// One after the other, on the caller's core.
pub fn sequential(first: &mut (dyn FnMut() + Send), second: &mut (dyn FnMut() + Send)) {
    first();
    second();
}

/// The results of both closures, run by `join`.
pub(crate) fn both<A: Send, B: Send>(
    join: Join<'_>,
    first: impl Fn() -> A + Send + Sync,
    second: impl Fn() -> B + Send + Sync,
) -> (A, B) {
    let (mut a, mut b) = (None, None);
    join(&mut || a = Some(first()), &mut || b = Some(second()));
    (a.unwrap_or_else(first), b.unwrap_or_else(second))
}

/// Below this many items a piece of work is not worth handing to another core (about 30 µs of hashing).
pub(crate) const WORTH_SHARING: usize = 64;

/// `map` over all items, halved between cores as long as the halves are large.
pub(crate) fn map_all<T: Sync, R: Send>(join: Join<'_>, items: &[T], map: &(impl Fn(&T) -> R + Sync)) -> Vec<R> {
    if items.len() < 2 * WORTH_SHARING {
        return items.iter().map(map).collect();
    }
    let (left, right) = items.split_at(items.len() / 2);
    let (mut all, rest) = both(join, || map_all(join, left, map), || map_all(join, right, map));
    all.extend(rest);
    all
}
