//! Agents of CommPeak's PBX statistics.

use domain::extension::Extension;
use domain::id::TeamId;
use domain::resource::TeamKind;
use domain::user::{Presence, TeamSet};
use serde_json::json;

use crate::commpeak::{CORE, get, put};
use crate::harness::{Answer, Harness, create, harness, team};

async fn post(it: &Harness, call: &str, form: &str) -> Answer {
    // The statistics take a bare key: the API user's name and password.
    let (username, password) = &it.founded.commpeak;
    let key = format!("{username}:{}", password.expose());
    let headers =
        [("authorization", key.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    it.send("POST", &format!("/commpeak/api/{call}"), &headers, form.to_owned()).await
}

#[tokio::test]
async fn an_agent_is_added_edited_paused_and_deleted() {
    let it = harness().await;
    let desk = create(&it.directory, &it.operator, team(TeamKind::Desk, "Front Desk")).await;
    let added =
        post(&it, "addAgent", "userExtension=190&displayName=Jan+Berg&desksName=front desk").await;
    assert_eq!(added.text, r#"{"success":"true","message":"Agent added"}"#);
    let agent = || {
        let account = it.directory.account(&it.operator).unwrap();
        account.user_by_extension(Extension::parse("190").unwrap()).cloned()
    };
    let user = agent().unwrap();
    assert_eq!(
        (user.name(), &user.membership.desks),
        ("Jan Berg".to_owned(), &TeamSet::These([TeamId(desk.id())].into()))
    );

    put(
        &it,
        &format!("{CORE}/{}", user.serial),
        json!({ "first_name": "Jan", "last_name": "van Berg" }),
    )
    .await;
    let same =
        post(&it, "editAgent", "userExtension=190&displayName=Jan van Berg&format=json").await;
    assert_eq!(same.text, r#"{"success":"true","message":"Agent updated"}"#);
    let user = agent().unwrap();
    assert_eq!(user.identity.last_name.as_ref().unwrap().as_str(), "van Berg");
    assert_ne!(user.membership.desks, TeamSet::default());

    let paused = post(&it, "pause", "agent=190&pauseId=3").await;
    assert_eq!(paused.text, r#"{"success":"true","message":"Agent paused"}"#);
    assert_eq!(agent().unwrap().availability.presence, Presence::Break);

    assert_eq!(post(&it, "deleteAgent", "userExtension=190").await.status, 200);
    assert!(agent().is_none());
}

#[tokio::test]
async fn a_refusal_names_what_is_wrong_and_changes_nothing() {
    let it = harness().await;
    let before = it.user(0);
    for (call, form, status, named) in [
        ("addAgent", "", 400, "displayName"),
        ("addAgent", "userExtension=101&displayName=Twin", 400, "userExtension"),
        ("editAgent", "userExtension=101&displayName=X&desksName=Nowhere", 400, "desksName"),
        ("editAgent", "userExtension=199&displayName=X", 404, "Agent not found"),
        ("deleteAgent", "format=xml&userExtension=101", 400, "format"),
        ("pause", "agent=101", 400, "pauseId"),
    ] {
        let answer = post(&it, call, form).await;
        assert_eq!(answer.status, status, "{call} {form}: {}", answer.text);
        assert_eq!(answer.json()["success"], "false");
        assert!(answer.text.contains(named), "{call} {form}: {}", answer.text);
    }
    assert_eq!(it.user(0).version, before.version);
    assert_eq!(get(&it, "/commpeak/api/addAgent").await.status, 405);
    let stranger = it.send("POST", "/commpeak/api/addAgent", &[("authorization", "x:y")], "").await;
    assert_eq!(stranger.status, 401);
}

#[tokio::test]
async fn the_word_for_a_flag_is_an_echo_like_its_digit() {
    let it = harness().await;
    let desk = create(&it.directory, &it.operator, team(TeamKind::Desk, "Front Desk")).await;
    let serial = it.user(0).serial;
    let account = it.directory.account(&it.operator).unwrap();
    let desk = account.team(TeamId(desk.id())).unwrap().serial.to_string();
    put(&it, &format!("{CORE}/{serial}"), json!({ "desks": [desk] })).await;
    for shown in [json!("false"), json!("False"), json!(false), json!(0), json!("0")] {
        put(&it, &format!("{CORE}/{serial}"), json!({ "member_all_desks": shown })).await;
        assert_ne!(it.user(0).membership.desks, TeamSet::default(), "{shown}");
    }
}
