//! Diffs and printed users show no secret.

use domain::diff::{SECRET, resource_diff, to_json, user_diff};
use serde_json::json;

use crate::fixture::*;

#[test]
fn a_diff_says_that_a_secret_changed_and_nothing_more() {
    let world = World::new();
    let settings = json!({ "password": "correct horse", "sip_password": "battery staple" });
    let after = world.try_set(USER, settings).unwrap();
    let diff = to_json(&user_diff(Some(world.user(USER)), &after));
    assert_eq!(
        diff,
        json!({
            "password": { "before": null, "after": SECRET },
            "sip_password": { "before": null, "after": SECRET },
        })
    );
}

#[test]
fn one_secret_after_another_is_a_change_as_well() {
    let world = World::with(json!({ "sip_password": "battery staple" }));
    let after = world.try_set(USER, json!({ "sip_password": "correct horse" })).unwrap();
    let diff = user_diff(Some(world.user(USER)), &after);
    assert_eq!(to_json(&diff), json!({ "sip_password": { "before": SECRET, "after": SECRET } }));
}

#[test]
fn a_new_user_differs_from_nothing_in_what_is_set() {
    let world = World::new();
    let diff = user_diff(None, world.user(USER));
    let fields: Vec<&str> = diff.iter().map(|field| &*field.field).collect();
    assert_eq!(fields, ["first_name", "extension"]);
}

#[test]
fn a_resource_diff_hides_secrets_and_bookkeeping() {
    let before = json!({ "id": 1, "version": 1, "name": "a", "secret": "s3cret-one", "gone": 1 });
    let after = json!({ "id": 1, "version": 2, "name": "b", "secret": "s3cret-two", "new": 2 });
    let diff = to_json(&resource_diff(Some(&before), &after));
    assert_eq!(
        diff,
        json!({
            "name": { "before": "a", "after": "b" },
            "secret": { "before": SECRET, "after": SECRET },
            "new": { "before": null, "after": 2 },
            "gone": { "before": 1, "after": null },
        })
    );
}

#[test]
fn a_printed_user_or_patch_shows_no_secret() {
    let settings = json!({ "password": "correct horse", "sip_password": "battery staple" });
    let world = World::with(settings.clone());
    let user = world.user(USER);
    let stored = serde_json::to_value(user).unwrap();
    let printed =
        format!("{user:?} {:?} {:?}", patch(settings.clone()), patch(settings).seal([1; 16]));
    let hash = stored["sign_in"]["password"].as_str().unwrap().rsplit('$').next().unwrap();
    let md5 = stored["telephone"]["sip_digest"]["md5"].as_str().unwrap();
    let sha256 = stored["telephone"]["sip_digest"]["sha256"].as_str().unwrap();
    for secret in ["correct horse", "battery staple", hash, md5, sha256] {
        assert!(secret.len() > 8 && !printed.contains(secret));
    }
    assert!(printed.contains("[secret]"));
}
