//! What this crate promises, one file a guarantee.

mod addresses;
mod backoff;
mod crashes;
mod escalation;
mod events;
mod fairness;
mod faults;
mod figures;
mod mailboxes;
mod many;
mod profiles;
mod shutdown;
mod silence;
mod starts;
mod strategies;
mod threads;
mod time;

mod probe;
