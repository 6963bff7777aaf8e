//! The page of trunks, with a telephone side that carries nothing and says of trunks what it is told.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use directory::{Later, Lock, Switchboard};
use domain::call::{Click, ClickRefused, LiveCall, Reach, Registration, TrunkState, Unanswered};
use domain::id::{AccountId, CallId, Serial};
use domain::policy::UserFacts;
use domain::resource::Trunk;
use domain::user::User;

use crate::harness::harness;

#[derive(Default)]
struct Board(Mutex<TrunkState>);

impl Switchboard for Board {
    fn live_calls(&self, _: AccountId) -> Later<Vec<LiveCall>> {
        Box::pin(async { Vec::new() })
    }

    fn hang_up(&self, _: AccountId, _: CallId) -> Later<bool> {
        Box::pin(async { false })
    }

    fn click_to_call(
        &self,
        _: AccountId,
        _: Serial,
        _: Click,
    ) -> Later<Result<CallId, ClickRefused>> {
        Box::pin(async { Err(ClickRefused::NoDevice) })
    }

    fn registrations_of(&self, _: Serial) -> Vec<Registration> {
        Vec::new()
    }

    fn registrations(&self, _: AccountId, _: Serial, _: usize) -> Vec<Registration> {
        Vec::new()
    }

    fn drop_registrations(&self, _: Serial, _: Option<&str>) -> u32 {
        0
    }

    fn trunk_state(&self, _: &Trunk) -> TrunkState {
        *self.0.lock().unwrap()
    }

    fn locks(&self, _: AccountId) -> Vec<Lock> {
        Vec::new()
    }

    fn facts(&self, _: &User) -> UserFacts {
        UserFacts::default()
    }
}

#[tokio::test]
async fn the_list_shows_each_trunk_s_state_and_calls() {
    let harness = harness().await;
    let mut browser = harness.administrator().await;
    let form = |name, calls_max, active| {
        [
            ("name", name),
            ("host", "sip.example.net"),
            ("transport", "udp"),
            ("networks", ""),
            ("calls_max", calls_max),
            ("active", active),
        ]
    };
    for (name, calls_max, active) in [("Carrier", "30", "1"), ("Spare", "0", "")] {
        let made = browser.post("/trunks/new", &form(name, calls_max, active)).await;
        assert_eq!(made.location(), "/trunks");
    }
    let before = browser.get("/trunks").await.text;
    assert!(before.contains("whether it answers is not known yet"), "{before}");
    let board = Arc::new(Board::default());
    let switchboard: directory::SharedSwitchboard = Arc::clone(&board) as _;
    assert!(harness.directory.connect(switchboard));
    let since = "2026-01-31T12:00:00Z".parse().unwrap();
    let round_trip = Duration::from_millis(12);
    let reachable = TrunkState { reach: Reach::Reachable { since, round_trip }, calls: 3 };
    *board.0.lock().unwrap() = reachable;
    let page = browser.get("/trunks").await.text;
    // 12:00 UTC in Kolkata.
    assert!(page.contains("Answers within 12 ms, since 2026-01-31 17:30"), "{page}");
    assert!(page.contains("3 of 30") && page.contains("3, without a limit"), "{page}");
    assert_eq!(page.matches("Off: carries no call").count(), 1, "{page}");
    let reason = Unanswered::Silent;
    let silent = TrunkState { reach: Reach::Unreachable { since, reason }, calls: 0 };
    *board.0.lock().unwrap() = silent;
    let page = browser.get("/trunks").await.text;
    let expected = "Does not answer since 2026-01-31 17:30: no answer came in time";
    assert!(page.contains(expected) && page.contains("0 of 30"), "{page}");
}
