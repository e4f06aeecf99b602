//! Supervision needs panics that unwind: in every profile of the workspace, and in this very build.

#[test]
fn every_profile_unwinds() {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/../../Cargo.toml");
    let manifest = std::fs::read_to_string(manifest).expect("the workspace has a manifest");
    for line in manifest.lines().map(str::trim).filter(|line| line.starts_with("panic")) {
        assert_eq!(line, "panic = \"unwind\"");
    }
    for profile in ["[profile.release]", "[profile.dev]"] {
        let (_, rest) = manifest.split_once(profile).expect("the profile is there");
        let own = rest.split("\n[").next().unwrap_or_default();
        assert!(own.contains("panic = \"unwind\""), "{profile} says so itself");
    }
    assert!(std::panic::catch_unwind(|| std::panic::resume_unwind(Box::new(()))).is_err());
}
