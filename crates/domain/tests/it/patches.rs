//! Absent keeps, null clears, a value sets: for every setting.

use domain::change::Change;
use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::refusal::Refusal;
use domain::setting::Setting;
use domain::user::User;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::fixture::*;

/// A value for the setting that differs from a user's default, and what reads back from it.
fn sample(setting: Setting) -> Value {
    match setting {
        Setting::FirstName => json!("Ravi"),
        Setting::LastName => json!("Iyer"),
        Setting::Email => json!("ravi@example.net"),
        Setting::Phone => json!("+919811112222"),
        Setting::Title => json!("Team lead"),
        Setting::Language => json!("es_ES"),
        Setting::TimeZone => json!("Europe/London"),
        Setting::Active | Setting::ClockedIn | Setting::PredictiveClockedIn => json!(false),
        Setting::CallsBlocked
        | Setting::AgentDisabled
        | Setting::WebLoginBlocked
        | Setting::IpAllowListEnforced
        | Setting::Webrtc
        | Setting::International
        | Setting::LoginRequired
        | Setting::MissedCallSms
        | Setting::Deleted => json!(true),
        Setting::Login => json!("ravi"),
        Setting::TwoFactor => json!("totp"),
        Setting::IpAllowList => json!(["198.51.100.0/24", "2001:db8::1"]),
        Setting::SessionMinutesMax => json!(480),
        Setting::SessionsMax | Setting::DevicesMax | Setting::CallsMax => json!(3),
        Setting::Extension => json!("0777"),
        Setting::SipUri => json!("sip:ravi@example.net:5070"),
        Setting::PredictiveExtension => json!("7777"),
        Setting::CallerIds => json!([number_id(1), number_id(2)]),
        Setting::RoutingCallerId => json!(number_id(3)),
        Setting::Shift => {
            let row = json!({ "days": ["mon"], "from": "09:00", "to": "18:00" });
            json!({ "rows": [row], "exceptions": [] })
        }
        Setting::Presence => json!("break"),
        Setting::RingSeconds => json!(20),
        Setting::Failover => json!({ "type": "user", "id": user_id(COLLEAGUE) }),
        Setting::Groups => json!([team_id(1)]),
        Setting::SkillGroups => json!([team_id(2)]),
        Setting::Desks => json!("all"),
        Setting::CallScope => json!([user_id(COLLEAGUE)]),
        Setting::Role => json!(role_id(1)),
        Setting::Password | Setting::SipPassword => json!("correct horse"),
    }
}

/// What the setting shows after `sample` was written.
fn shown(setting: Setting) -> Value {
    if setting.is_secret() { json!(true) } else { sample(setting) }
}

/// What naming one setting may change besides it.
fn follows(written: Setting, other: Setting) -> bool {
    written == other || (written == Setting::RoutingCallerId && other == Setting::CallerIds)
}

fn world() -> World {
    use domain::resource::{RingStrategy, Team, TeamKind};
    let mut world = World::new();
    for serial in 1..=3 {
        world.put(number(serial, &format!("+91800000000{serial}")));
    }
    world.put(team(1, "Sales", RingStrategy::Parallel));
    let kind = TeamKind::SkillGroup;
    world.put(Team { kind, ..team(2, "Spanish", RingStrategy::Parallel) });
    world
}

fn set_one(world: &World, setting: Setting, value: &Value) -> Result<User, Vec<Refusal>> {
    world.try_set(USER, json!({ setting.name(): value }))
}

/// The user with every setting at its sample.
fn full(world: &World) -> User {
    let all = Setting::ALL
        .iter()
        .filter(|setting| **setting != Setting::Deleted)
        .map(|setting| (setting.name().to_owned(), sample(*setting)))
        .filter(|(name, _)| name != "caller_ids")
        .collect();
    world.try_set(USER, Value::Object(all)).unwrap()
}

#[test]
fn every_setting_shows_the_value_it_was_given_and_touches_no_other() {
    let world = world();
    let before = world.user(USER);
    for setting in Setting::ALL.iter().copied() {
        let after = set_one(&world, setting, &sample(setting)).unwrap();
        assert_eq!(setting.read(&after), shown(setting), "{}", setting.name());
        assert!(!setting.same(before, &after), "{}", setting.name());
        for other in Setting::ALL.iter().copied().filter(|other| !follows(setting, *other)) {
            let names = (setting.name(), other.name());
            assert!(other.same(before, &after), "{names:?}");
        }
    }
}

#[test]
fn null_clears_every_setting_that_has_no_value_by_necessity() {
    let mut world = world();
    let full = full(&world);
    let blank = User::blank(full.id, full.serial, full.account, role_id(2), now());
    world.put_user(full.clone());
    for setting in Setting::ALL.iter().copied() {
        let name = setting.name();
        match (setting, set_one(&world, setting, &Value::Null)) {
            (Setting::Role | Setting::Password, result) => {
                let refusal = Refusal::new(setting, Fault::NotClearable);
                assert_eq!(result, Err(vec![refusal]), "{name}");
            }
            (_, result) => {
                let after = result.unwrap();
                assert!(setting.same(&after, &blank), "{name}");
                for other in Setting::ALL.iter().filter(|other| **other != setting) {
                    assert!(other.same(&full, &after), "{name} touched {}", other.name());
                }
            }
        }
    }
}

#[test]
fn an_empty_patch_keeps_every_setting_and_counts_one_version() {
    let mut world = world();
    let full = full(&world);
    world.put_user(full.clone());
    let after = world.try_set(USER, json!({})).unwrap();
    assert!(Setting::ALL.iter().all(|setting| setting.same(&full, &after)));
    assert_eq!(after.version, full.version + 1);
    assert!(UserPatch::default().is_empty());
}

#[test]
fn all_bad_fields_are_reported_at_once() {
    let world = world();
    let mut refusals = world.refusals(
        USER,
        json!({
            "role": role_id(9), "extension": "203", "calls_max": 101, "devices_max": 33,
            "caller_ids": [number_id(9)], "groups": [team_id(2)], "two_factor": "email",
            "session_minutes_max": 525_601, "call_scope": [user_id(9)], "password": null,
        }),
    );
    refusals.sort();
    assert_eq!(
        refusals,
        [
            "call_scope is not known",
            "caller_ids is not known",
            "calls_max must be between 0 and 100",
            "devices_max must be between 0 and 32",
            "extension is already in use",
            "groups is not known",
            "password must have a value",
            "role is not known",
            "session_minutes_max must be between 0 and 525600",
            "two_factor conflicts with no e-mail address",
        ]
    );
}

#[test]
fn values_are_read_liberally() {
    let world = world();
    for (settings, setting, expected) in [
        (json!({ "active": "0" }), Setting::Active, json!(false)),
        (json!({ "active": 0 }), Setting::Active, json!(false)),
        (json!({ "webrtc": "TRUE" }), Setting::Webrtc, json!(true)),
        (json!({ "calls_max": "7" }), Setting::CallsMax, json!(7)),
        (json!({ "extension": 205 }), Setting::Extension, json!("205")),
        (json!({ "ip_allow_list": "198.51.100.7" }), Setting::IpAllowList, json!(["198.51.100.7"])),
        (json!({ "phone": "09811112222" }), Setting::Phone, json!("+919811112222")),
    ] {
        assert_eq!(setting.read(&world.try_set(USER, settings).unwrap()), expected);
    }
}

#[test]
fn a_value_of_another_kind_is_refused_by_every_setting() {
    for setting in Setting::ALL.iter().copied() {
        let mut patch = UserPatch::default();
        let wrong = json!({ "no": ["such", "value"] });
        assert!(setting.write(&mut patch, &wrong, india()).is_err(), "{}", setting.name());
        assert!(patch.is_empty(), "{}", setting.name());
    }
}

#[test]
fn a_joined_name_is_split_at_its_last_space() {
    let mut patch = UserPatch::default();
    patch.set_name("  Asha Devi Rao ").unwrap();
    assert_eq!(patch.first_name, Change::Set(name("Asha Devi")));
    assert_eq!(patch.last_name, Change::Set(name("Rao")));
    patch.set_name("Asha").unwrap();
    assert_eq!((patch.first_name, patch.last_name), (Change::Set(name("Asha")), Change::Clear));
}

#[test]
fn a_stored_user_reads_back_the_same() {
    let world = world();
    let full = full(&world);
    let text = serde_json::to_string(&full).unwrap();
    assert_eq!(serde_json::from_str::<User>(&text).unwrap(), full);
}

/// Sealing hashes for 20 ms, so passwords stay out of the random patches.
fn settings_but_passwords() -> Vec<Setting> {
    let apart = [Setting::Password, Setting::Deleted];
    Setting::ALL.iter().copied().filter(|setting| !apart.contains(setting)).collect()
}

proptest! {
    #[test]
    fn a_patch_changes_what_it_names_and_applying_it_twice_changes_nothing_more(
        picked in prop::collection::btree_map(
            prop::sample::select(settings_but_passwords()), any::<bool>(), 0..8,
        ),
        from_full in any::<bool>(),
    ) {
        let mut world = world();
        if from_full {
            let full = full_without_password(&world);
            world.put_user(full);
        }
        let before = world.user(USER).clone();
        let fields = picked.iter().map(|(setting, clear)| {
            (setting.name().to_owned(), if *clear { Value::Null } else { sample(*setting) })
        });
        let settings = Value::Object(fields.collect());
        let Ok(once) = world.try_set(USER, settings.clone()) else {
            return Ok(());
        };
        for setting in Setting::ALL.iter().copied() {
            let named = picked.keys().any(|written| follows(*written, setting));
            prop_assert!(named || setting.same(&before, &once), "{}", setting.name());
        }
        world.put_user(once.clone());
        let twice = world.try_set(USER, settings).unwrap();
        for setting in Setting::ALL {
            prop_assert!(setting.same(&once, &twice), "{}", setting.name());
        }
    }
}

fn full_without_password(world: &World) -> User {
    let all = settings_but_passwords()
        .into_iter()
        .filter(|setting| *setting != Setting::CallerIds)
        .map(|setting| (setting.name().to_owned(), sample(setting)))
        .collect();
    world.try_set(USER, Value::Object(all)).unwrap()
}
