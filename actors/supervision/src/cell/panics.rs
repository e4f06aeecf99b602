//! Panics inside a cell: caught, described, and kept off stderr. All other panics go where they went before.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook},
    sync::Once,
};

use crate::exit::ExitReason;

thread_local! {
    static SUPERVISED: Cell<bool> = const { Cell::new(false) };
    static LOCATION: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs `code`; a panic in it becomes an exit reason with its message and place.
pub(crate) fn supervised<T>(code: impl FnOnce() -> T) -> Result<T, ExitReason> {
    install_hook();
    let outer = SUPERVISED.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(code));
    SUPERVISED.set(outer);
    outcome.map_err(|payload| {
        let reason = ExitReason::Panic { message: message(&*payload), location: LOCATION.take() };
        // The payload is the panicking code's own value, and its drop may panic as well.
        if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
            std::mem::forget(second);
        }
        reason
    })
}

fn install_hook() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |panic| {
            if !SUPERVISED.get() {
                return previous(panic);
            }
            let location = panic.location().map(ToString::to_string);
            tracing::debug!(
                location = location.as_deref().unwrap_or("unknown"),
                message = message(panic.payload()),
                "a supervised actor panicked"
            );
            LOCATION.set(location);
        }));
    });
}

fn message(payload: &dyn Any) -> String {
    if let Some(text) = payload.downcast_ref::<&str>() {
        (*text).to_owned()
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text.clone()
    } else {
        "a panic without a message".to_owned()
    }
}
