//! How CommPeak's clients send things: back what they read, with old nonces, in forms and in paths.

use axum::http::Method;
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::user::TeamSet;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use crate::commpeak::{CORE, HOOK, basic, get, path, put};
use crate::harness::{Answer, Harness, create, harness, team};

fn md5(text: &str) -> String {
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap();
    Md5::digest(text).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A nonce as the first challenge gives it.
async fn nonce(it: &Harness) -> String {
    let answer = it.send("GET", CORE, &[], "").await;
    assert_eq!(answer.status, 401);
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    challenge.split("nonce=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}

/// One request under a nonce and count, its address hashed as `uri`.
async fn digest(it: &Harness, nonce: &str, count: u32, uri: &str, target: &str) -> Answer {
    let (username, password) = &it.founded.commpeak;
    let ha1 = md5(&format!("{username}:api:{}", password.expose()));
    let ha2 = md5(&format!("{}:{uri}", Method::GET));
    let response = md5(&format!("{ha1}:{nonce}:{count:08x}:0a4f113b:auth:{ha2}"));
    let header = format!(
        "Digest username=\"{username}\", realm=\"api\", nonce=\"{nonce}\", uri=\"{uri}\", \
         cnonce=\"0a4f113b\", nc={count:08x}, qop=auth, response=\"{response}\", algorithm=MD5"
    );
    it.send("GET", target, &[("authorization", &header)], "").await
}

fn is_stale(answer: &Answer) -> bool {
    let challenge = answer.headers["www-authenticate"].to_str().unwrap();
    answer.status == 401 && challenge.ends_with(", stale=true")
}

#[tokio::test]
async fn a_replayed_or_foreign_nonce_is_stale_and_a_new_one_will_do() {
    let it = harness().await;
    let used = nonce(&it).await;
    assert_eq!(digest(&it, &used, 1, CORE, CORE).await.status, 200);
    assert!(is_stale(&digest(&it, &used, 1, CORE, CORE).await));
    assert_eq!(digest(&it, &used, 2, CORE, CORE).await.status, 200);
    let other = harness().await;
    let foreign = nonce(&other).await;
    assert!(is_stale(&digest(&it, &foreign, 1, CORE, CORE).await));
    assert_eq!(digest(&it, &nonce(&it).await, 1, CORE, CORE).await.status, 200);
}

#[tokio::test]
async fn an_answer_is_good_for_the_address_it_was_made_for() {
    let it = harness().await;
    let nonce = nonce(&it).await;
    let limited = format!("{CORE}?limit=1");
    for (count, uri, target, status) in [
        (1, limited.as_str(), limited.as_str(), 200),
        (2, CORE, limited.as_str(), 401),
        (3, "/commpeak/api/roles", CORE, 401),
        (4, "/x/commpeak/api/users", CORE, 200),
        (5, "/commpeak/xapi/users", CORE, 401),
    ] {
        assert_eq!(digest(&it, &nonce, count, uri, target).await.status, status, "{uri}");
    }
}

#[tokio::test]
async fn a_user_in_all_desks_stays_there_when_what_was_read_is_sent_back() {
    let it = harness().await;
    let all = json!({ "member_all_desks": 1, "member_all_skill_groups": true });
    put(&it, &path(&it, HOOK), all).await;
    let before = it.user(0);
    let whole = get(&it, &path(&it, CORE)).await.json()["users"][0].clone();
    assert_eq!(put(&it, &path(&it, HOOK), whole).await.status, 200);
    assert_eq!(Harness::changed(&before, &it.user(0)), []);
    assert_eq!(it.user(0).version, before.version);
}

#[tokio::test]
async fn an_empty_list_of_desks_takes_the_user_out_of_them() {
    let it = harness().await;
    let desk = create(&it.directory, &it.operator, team(TeamKind::Desk, "Front")).await;
    put(&it, &path(&it, CORE), json!({ "desks": [desk.serial()] })).await;
    let before = it.user(0);
    let answer = put(&it, &path(&it, CORE), json!({ "desks": [] })).await;
    assert_eq!(answer.json()["users"][0]["desks"], json!([]));
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::Desks]);
    let both = json!({ "desks": [desk.serial()], "member_all_desks": "1" });
    put(&it, &path(&it, CORE), both).await;
    assert_eq!(it.user(0).membership.desks, TeamSet::All);
}

#[tokio::test]
async fn forms_with_lists_and_empty_bodies_are_read() {
    let it = harness().await;
    let group = create(&it.directory, &it.operator, team(TeamKind::Group, "Night")).await;
    let authorization = basic(&it);
    let headers =
        [("authorization", &*authorization), ("content-type", "application/x-www-form-urlencoded")];
    let form = format!("last_name=Menon&groups[]={}&use_webrtc=1", group.serial());
    let answer = it.send("PUT", &path(&it, HOOK), &headers, form).await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let user = it.user(0);
    assert_eq!(user.name(), "Asha Menon");
    assert_eq!(user.membership.groups[..], [domain::id::TeamId(group.id())]);
    let answer = it.send("PUT", &path(&it, HOOK), &headers[..1], "").await;
    assert_eq!(answer.status, 200);
    assert_eq!(it.user(0).version, user.version);
}

#[tokio::test]
async fn the_path_asks_by_time_list_and_likeness() {
    let it = harness().await;
    put(&it, &path(&it, CORE), json!({ "groups": [1] })).await;
    let listed = async |filter: &str| -> Vec<Value> {
        let answer = get(&it, &format!("{CORE}/{filter}")).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["users"].as_array().unwrap().clone()
    };
    assert_eq!(listed("created_at/2020-01-01%2010:00:00;%3E").await.len(), 4);
    assert_eq!(listed("created_at/2020-01-01%2010:00:00;%3C").await.len(), 0);
    assert_eq!(listed("groups/1").await.len(), 1);
    assert_eq!(listed("groups/1;!=").await.len(), 3);
    assert_eq!(listed("username/USER10%25;like").await.len(), 3);
    assert_eq!(listed("roles/2/limit/2;2").await.len(), 1);
    for bad in ["limit/501", "limit/x", "colour/red", "id/1;~", "is_active/1/id"] {
        let answer = get(&it, &format!("{CORE}/{bad}")).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert_eq!(answer.json()["success"], false);
    }
}

#[tokio::test]
async fn what_users_refer_to_can_be_read() {
    let it = harness().await;
    create(&it.directory, &it.operator, team(TeamKind::Desk, "Front")).await;
    create(&it.directory, &it.operator, team(TeamKind::SkillGroup, "Hindi")).await;
    let read = async |name: &str| get(&it, &format!("/commpeak/api/{name}")).await.json();
    assert_eq!(
        read("roles").await.to_string(),
        r#"{"roles":[{"id":"1","name":"Administrator"},{"id":"2","name":"Regular"}]}"#
    );
    assert_eq!(read("desks").await["desks"][0]["name"], "Front");
    assert_eq!(read("skill-groups").await["skill-groups"][0]["name"], "Hindi");
    assert_eq!(read("groups").await["groups"][0]["name"], "Sales");
    assert_eq!(
        read("timezones").await["timezones"][246],
        json!({ "id": "247", "name": "Asia/Kolkata" })
    );
    let nobody = it.send("GET", "/commpeak/api/roles", &[], "").await;
    assert_eq!(nobody.status, 401);
}

#[tokio::test]
async fn guessing_is_answered_429() {
    let it = harness().await;
    let (username, _) = &it.founded.commpeak;
    let wrong = base64::Engine::encode(
        &base64::engine::general_purpose::STANDARD,
        format!("{username}:wrong"),
    );
    let header = format!("Basic {wrong}");
    let mut last = it.send("GET", CORE, &[("authorization", &header)], "").await;
    assert_eq!(last.status, 401);
    for _ in 0..directory::LOGIN_FAILURES_MAX {
        last = it.send("GET", CORE, &[("authorization", &header)], "").await;
    }
    assert_eq!(last.status, 429);
    assert_eq!(last.json()["success"], false);
    assert_eq!(get(&it, CORE).await.status, 200);
}
