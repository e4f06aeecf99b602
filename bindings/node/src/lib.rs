//! The facade, seen from JavaScript. No logic lives here: what a call means is the facade's, what it looks like is the package's (`node/src`).
//!
//! ```text
//! node ── chain ── stream     handles: classes over the facade's own
//!   │       └───── rows       what became of a batch, as JSON
//!   ├── tree, tangle
//!   ├── ending                a node ends with the thread that started it
//!   └── elsewhere             handles are dropped on a thread of their own
//! border, cancel              errors and panics on their way out, cancellation on its way in
//! ```
//!
//! Plain data crosses as one JSON text a call, which is one hop and no object built field by field. A promise is rejected with an error whose
//! message is the facade's error as JSON. A panic in a plain method would abort the process, so every one of them has
//! `catch_unwind` (`node/scripts/check-catch-unwind.mjs` finds one that has not); a promise's future is contained.

mod border;
mod cancel;
mod chain;
mod elsewhere;
mod ending;
mod node;
mod rows;
mod stream;
mod tangle;
mod tree;
