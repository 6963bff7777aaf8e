//! A trace changes no decision, and rules keep their numbers and words apart.

use std::collections::BTreeSet;

use domain::policy::{
    Decision, Dialled, IncomingCall, IncomingKind, OutgoingCall, Passed, RegistrationAttempt, Rule,
    Trace, Transport, UserFacts, Verdict, incoming, outgoing, registration, sign_in,
};
use domain::setting::Setting;
use proptest::prelude::*;
use serde_json::json;

use crate::fixture::*;

/// Any user that settings can make.
fn world() -> impl Strategy<Value = World> {
    let flags = any::<[bool; 12]>();
    let presence = prop::sample::select(vec!["online", "break", "offline", "dialer"]);
    let maximum = 0_u16..3;
    (flags, presence, maximum, 0_u32..3).prop_map(|(flags, presence, maximum, granted)| {
        let mut world = World::new();
        world.put(number(1, "+918000000001"));
        let [
            active,
            deleted,
            blocked,
            disabled,
            session,
            list,
            webrtc,
            international,
            login,
            clocked,
            predictive,
            shift,
        ] = flags;
        let rows = json!([{ "days": ["mon"], "from": "09:00", "to": "12:00" }]);
        world.set(
            USER,
            json!({
                "active": active, "deleted": deleted, "calls_blocked": blocked,
                "agent_disabled": disabled, "web_login_blocked": session, "webrtc": webrtc,
                "ip_allow_list_enforced": list, "international": international,
                "login_required": login, "clocked_in": clocked, "predictive_clocked_in": predictive,
                "shift": if shift { json!({ "rows": rows }) } else { json!(null) },
                "presence": presence, "devices_max": maximum, "calls_max": maximum,
                "caller_ids": (1..=granted.min(1)).map(number_id).collect::<Vec<_>>(),
            }),
        );
        world
    })
}

/// The same decision, once with and once without its trace.
fn same(off: Decision, on: Decision) -> Result<(), TestCaseError> {
    prop_assert!(off.passed.is_empty());
    prop_assert_eq!(off.verdict, on.verdict);
    prop_assert_eq!(off.rule, on.rule);
    let words: BTreeSet<&str> = on.passed.iter().map(Passed::word).collect();
    prop_assert_eq!(words.len(), on.passed.len(), "nothing is asked twice");
    let text = serde_json::to_string(&on).unwrap();
    prop_assert_eq!(serde_json::from_str::<Decision>(&text).unwrap(), on);
    Ok(())
}

const DIALLED: [&str; 5] = ["203", "112", "9811112222", "+14155550100", "77"];
const KINDS: [IncomingKind; 3] =
    [IncomingKind::Direct, IncomingKind::Predictive, IncomingKind::ThroughTeam];

proptest! {
    #[test]
    fn a_trace_changes_no_decision(
        world in world(),
        (devices, calls, web_session) in (0_u16..3, 0_u16..3, any::<bool>()),
        kind in prop::sample::select(&KINDS[..]),
        dialled in prop::sample::select(&DIALLED[..]),
    ) {
        let (account, user) = (&world.account, world.user(USER));
        let facts = UserFacts { devices, calls, web_session };
        let call = IncomingCall { kind, facts };
        let decide = |trace| incoming(account, user, call, now(), trace);
        same(decide(Trace::Off), decide(Trace::On))?;
        let address = address("203.0.113.7");
        let attempt = RegistrationAttempt { address, transport: Transport::WebSocket, devices };
        let decide = |trace| registration(account, user, &attempt, trace);
        same(decide(Trace::Off), decide(Trace::On))?;
        let dialled = Dialled::parse(dialled, account);
        let call = OutgoingCall { dialled, claimed_caller_id: None, facts };
        let decide = |trace| outgoing(account, user, &call, trace).decision;
        same(decide(Trace::Off), decide(Trace::On))?;
        let decide = |trace| sign_in(account, user, Some(address), trace).decision;
        same(decide(Trace::Off), decide(Trace::On))?;
    }
}

#[test]
fn every_rule_has_a_number_and_a_word_of_its_own() {
    let numbers: BTreeSet<u16> = Rule::ALL.iter().map(|(number, _)| *number).collect();
    let words: BTreeSet<&str> = Rule::ALL.iter().map(|(_, word)| *word).collect();
    assert_eq!((numbers.len(), words.len()), (Rule::ALL.len(), Rule::ALL.len()));
}

/// One of each shape: the word alone, or the word over its details.
#[test]
fn a_rule_is_stored_under_its_word() {
    for rule in [
        Rule::AccountInactive,
        Rule::WebRtcOff,
        Rule::AddressNotListed { address: address("::1") },
        Rule::OffShift { back_at: Some(now()) },
        Rule::TeamOffHours { back_at: None },
        Rule::International { country: Some(india()) },
        Rule::Forwarded { phone: phone("9811112222") },
        Rule::NoCallerId,
        Rule::EverybodyBusy,
    ] {
        let json = serde_json::to_value(rule).unwrap();
        let stored = json.as_str().or_else(|| json.as_object()?.keys().next().map(String::as_str));
        assert_eq!(stored, Some(rule.word()));
        assert!(Rule::ALL.contains(&(rule.number(), rule.word())));
        assert_eq!(serde_json::from_value::<Rule>(json).unwrap(), rule);
    }
}

#[test]
fn refusals_count_below_a_hundred_and_permits_from_there() {
    assert_eq!((Rule::Offline.verdict(), Rule::Offline.number()), (Verdict::Refuse, 23));
    assert_eq!((Rule::Registered.verdict(), Rule::Registered.number()), (Verdict::Allow, 100));
    assert_eq!(Rule::Offline.setting(), Some(Setting::Presence));
}
