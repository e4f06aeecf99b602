//! The stream of events is bounded, and says what a slow reader missed.

use vespiary_supervision::{EventKind, Observed};

use crate::probe::*;

#[test]
fn a_slow_reader_loses_the_oldest_events_and_is_told_how_many() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        let mut slow = root.tree().events(3);
        let mut quick = root.tree().events(100);
        for _ in 0..4 {
            root.tree().crash("/probe").await.expect("it fires");
            sleep(20.0).await;
        }
        assert_eq!(log(&mut slow), ["missed 5", "/probe up 4", "/probe panicked", "/probe up 5"]);
        assert_eq!(log(&mut quick).len(), 8);
        end(root).await;
    });
}

#[test]
fn events_carry_virtual_time_and_serialize_by_name() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        sleep(1.5).await;
        let mut events = root.tree().events(4);
        root.tree().stop("/probe").await.expect("it fires");
        let Observed::Event(event) = events.next().await else { panic!("nothing is missed") };
        assert_eq!(event.at.as_millis(), 1500);
        assert!(matches!(event.kind, EventKind::Exited { incarnation: 1, .. }));
        let json = serde_json::to_value(&event).expect("it serializes");
        assert_eq!(json["path"], "/probe");
        assert_eq!(json["event"], "exited");
        assert_eq!(json["reason"]["reason"], "normal");
        end(root).await;
    });
}

#[test]
fn globs_select_by_path() {
    virtually(|| async {
        let (root, _address) = lone_probe().await;
        let paths = |glob: &str| -> Vec<String> {
            root.tree().select(glob).into_iter().map(|info| info.path.to_string()).collect()
        };
        assert_eq!(paths("/**"), ["/", "/probe"]);
        assert_eq!(paths("/pro*"), ["/probe"]);
        assert_eq!(paths("/x"), [""; 0]);
        end(root).await;
    });
}
