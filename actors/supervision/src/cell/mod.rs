//! The cell: an actix actor that hosts one value after another behind one address.
//!
//! ```text
//!  Address ──Delivery──▶ actix mailbox ──▶ body.rs   one message on the living value
//!                                            ▲
//!  supervisor ─Control─▶ control.rs ──▶ host.rs      lives, dies and is born again; catches every panic
//!                                            │
//!                        panics.rs ◀─────────┤       what a panic said, and where
//!                        vitals.rs ◀─────────┘       the counters the tree shows
//! ```
//!
//! The host polls the actix context inside its own future under `catch_unwind`, so a panic of a handler or of a future of the
//! actor ends the incarnation and nothing else: mailbox and address stay.

mod body;
mod control;
mod host;
mod panics;
mod vitals;

pub(crate) use body::{Cell, Delivery};
pub(crate) use control::{ChildEvent, Control, News};
pub(crate) use host::{Host, Site, settle};
pub(crate) use panics::supervised;
pub(crate) use vitals::{Ticket, Vitals};
