//! Merge patches against a model: absent keeps, null clears, a value sets, nothing else changes.

use axum::http::StatusCode;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::harness::harness;

/// A setting, a strategy for its values, and what it is when cleared.
fn settings() -> Vec<(&'static str, BoxedStrategy<Value>, Value)> {
    let text = |pattern: &str| {
        proptest::string::string_regex(pattern).unwrap().prop_map(Value::from).boxed()
    };
    let flag = || any::<bool>().prop_map(Value::from).boxed();
    let whole = |max: u32| (0..=max).prop_map(Value::from).boxed();
    let presence = prop::sample::select(vec!["online", "break", "offline", "dialer"]);
    vec![
        ("first_name", text("[A-Z][a-z]{1,8}"), Value::Null),
        ("last_name", text("[A-Z][a-z]{1,8}"), Value::Null),
        ("title", text("[A-Z][a-z]{1,8}( [A-Z][a-z]{1,8})?"), Value::Null),
        ("email", text("[a-z]{3,8}@example\\.com"), Value::Null),
        ("active", flag(), json!(true)),
        ("calls_blocked", flag(), json!(false)),
        ("agent_disabled", flag(), json!(false)),
        ("web_login_blocked", flag(), json!(false)),
        ("international", flag(), json!(false)),
        ("missed_call_sms", flag(), json!(false)),
        ("clocked_in", flag(), json!(true)),
        ("webrtc", flag(), json!(false)),
        ("calls_max", whole(20), json!(0)),
        ("session_minutes_max", whole(600), json!(0)),
        ("presence", presence.prop_map(Value::from).boxed(), json!("online")),
        ("skill_groups", Just(json!("all")).boxed(), json!([])),
        (
            "call_scope",
            prop::sample::select(vec!["own", "all"]).prop_map(Value::from).boxed(),
            json!("own"),
        ),
    ]
}

/// Absent, null or a value for each setting.
fn patch() -> impl Strategy<Value = Map<String, Value>> {
    let choices: Vec<_> = settings()
        .into_iter()
        .map(|(name, value, _)| {
            let choice = prop_oneof![
                3 => Just(None),
                1 => Just(Some(Value::Null)),
                2 => value.prop_map(Some),
            ];
            choice.prop_map(move |value| value.map(|value| (name.to_owned(), value)))
        })
        .collect();
    // A user must have a name: his first one is never cleared here.
    let named = |(name, value): &(String, Value)| name != "first_name" || !value.is_null();
    choices.prop_map(move |fields| fields.into_iter().flatten().filter(named).collect())
}

/// The user after a patch, as RFC 7396 has it.
fn model(before: &Value, patch: &Map<String, Value>) -> Value {
    let mut after = before.clone();
    for (name, _, cleared) in settings() {
        match patch.get(name) {
            None => {}
            Some(Value::Null) => after[name] = cleared,
            Some(value) => after[name] = value.clone(),
        }
    }
    after
}

/// Without what changes by itself.
fn still(user: &Value) -> Value {
    let mut user = user.clone();
    for own in ["version", "updated_at", "name"] {
        user.as_object_mut().unwrap().remove(own);
    }
    user
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn any_merge_patches_do_what_the_rfc_says(patches in prop::collection::vec(patch(), 1..6)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let it = harness().await;
            let path = format!("/api/v1/users/{}", it.users[0]);
            for patch in patches {
                let before = it.native("GET", &path, None).await.json();
                let answer = it.native("PATCH", &path, Some(Value::Object(patch.clone()))).await;
                prop_assert_eq!(answer.status, StatusCode::OK, "{}", answer.text);
                let after = it.native("GET", &path, None).await.json();
                prop_assert_eq!(&answer.json()["data"], &after);
                prop_assert_eq!(still(&after), still(&model(&before, &patch)));
                let changed = still(&after) != still(&before);
                let step = u64::from(changed);
                prop_assert_eq!(after["version"].as_u64(), before["version"].as_u64().map(|it| it + step));
            }
            Ok(())
        })?;
    }
}
