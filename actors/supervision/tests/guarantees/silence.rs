//! Panics of actors are reasons in the tree, not lines on stderr; all other panics are as loud as before.

use vespiary_supervision::AskError;

use crate::probe::*;

const INNER: &str = "SUPERVISION_TEST_INNER";

#[test]
fn a_panic_of_an_actor_is_silent_and_any_other_is_not() {
    if std::env::var_os(INNER).is_some() {
        virtually(|| async {
            let (root, address) = lone_probe().await;
            assert_eq!(address.ask(boom()).await, Err(AskError::Crashed));
            end(root).await;
        });
        assert!(std::panic::catch_unwind(|| panic!("aloud")).is_err());
        return;
    }
    let name = "silence::a_panic_of_an_actor_is_silent_and_any_other_is_not";
    let output = std::process::Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", name, "--nocapture"])
        .env(INNER, "1")
        .output()
        .expect("it runs");
    assert!(output.status.success());
    let printed = String::from_utf8_lossy(&output.stderr);
    assert!(printed.contains("aloud"), "{printed}");
    assert!(!printed.contains("boom"), "{printed}");
}
