//! CommPeak's API, as its pages and clients use it.

use std::process::Command;

use api::dialect::commpeak::COMMPEAK;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::user::{TeamSet, TwoFactor};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, create, create_user, found, harness, team};

pub(crate) const HOOK: &str = "/commpeak/integrations/adapters/hook/users";
pub(crate) const CORE: &str = "/commpeak/api/users";

pub(crate) fn basic(it: &Harness) -> String {
    let (username, password) = &it.founded.commpeak;
    format!("Basic {}", STANDARD.encode(format!("{username}:{}", password.expose())))
}

pub(crate) async fn put(it: &Harness, path: &str, body: Value) -> Answer {
    it.send_json("PUT", path, &[("authorization", &basic(it))], body).await
}

pub(crate) async fn get(it: &Harness, path: &str) -> Answer {
    it.send("GET", path, &[("authorization", &basic(it))], "").await
}

pub(crate) fn path(it: &Harness, base: &str) -> String {
    format!("{base}/{}", it.user(0).serial)
}

#[tokio::test]
async fn every_field_of_the_page_is_written_and_read_back_on_both_paths() {
    let it = harness().await;
    let serial = it.user(0).serial.0;
    let number = it.directory.account(&it.operator).unwrap().numbers[&it.number].serial.0;
    let body = json!({
        "id": serial, "username": "asha", "email": "asha@example.net", "is_active": 1,
        "sip_uri": "sip:812@pbx.example", "is_deleted": 0, "use_extended_ip_acl": 1,
        "user_route_caller_id": number, "predictive_dynamic_extension": "9812", "timezone_id": 247,
        "first_name": "Asha", "last_name": "Menon", "virtual_extension": "812",
        "default_language": "pt_BR", "max_session_time": "480", "max_concurrent_sessions": "2",
        "twofa_type": "google", "member_all_skill_groups": "1", "member_all_desks": "1",
        "registration_password": "Sip-secret-1", "is_clockedin": "0",
        "is_predictive_clockedin": "0", "use_webrtc": 1,
    });
    for base in [HOOK, CORE] {
        let answer = put(&it, &path(&it, base), body.clone()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let expected = format!(
            r#"{{"users":[{{"id":"{serial}","username":"asha","email":"asha@example.net","registration_password":"","is_active":"1","is_clockedin":"0","is_predictive_clockedin":"0","sip_uri":"sip:812@pbx.example","auto_dial":"0","is_deleted":"0","use_extended_ip_acl":"1","user_route_caller_id":"{number}","timezone_id":"247","use_webrtc":"1","first_name":"Asha","last_name":"Menon","virtual_extension":"812","predictive_dynamic_extension":"9812","default_language":"pt_BR","max_session_time":"480","max_concurrent_sessions":"2","twofa_type":"google","member_all_desks":"1","member_all_skill_groups":"1","desks":[],"roles":{{"2":"Regular"}},"groups":[]}}]}}"#
        );
        assert_eq!(answer.text, expected);
        assert_eq!(get(&it, &path(&it, CORE)).await.text, expected);
    }
    let user = it.user(0);
    assert_eq!(user.telephone.sip_digest.as_ref().unwrap().username(), "812");
    assert_eq!(user.sign_in.two_factor, TwoFactor::Totp);
    assert_eq!(user.outgoing.caller_ids[..], [it.number]);
}

#[tokio::test]
async fn a_put_changes_what_it_names_and_nothing_else() {
    let it = harness().await;
    let before = it.user(0);
    let answer = put(&it, &path(&it, HOOK), json!({ "is_active": "0", "unknown": 1 })).await;
    assert_eq!(answer.status, 200);
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::Active]);
}

#[tokio::test]
async fn not_in_all_desks_leaves_the_desks_a_user_has() {
    let it = harness().await;
    let desk = create(&it.directory, &it.operator, team(TeamKind::Desk, "Front")).await;
    let (serial, id) = (desk.serial(), domain::id::TeamId(desk.id()));
    put(&it, &path(&it, CORE), json!({ "desks": [serial] })).await;
    let answer = put(&it, &path(&it, HOOK), json!({ "member_all_desks": "0" })).await;
    assert_eq!(answer.json()["users"][0]["desks"], json!([serial.to_string()]));
    assert_eq!(it.user(0).membership.desks, TeamSet::These(Box::new([id])));
    put(&it, &path(&it, HOOK), json!({ "member_all_desks": true })).await;
    put(&it, &path(&it, HOOK), json!({ "member_all_desks": 0 })).await;
    assert_eq!(it.user(0).membership.desks, TeamSet::default());
}

#[tokio::test]
async fn null_clears_the_nullable_and_is_ignored_elsewhere() {
    let it = harness().await;
    put(&it, &path(&it, HOOK), json!({ "sip_uri": "sip:1@a.example" })).await;
    let before = it.user(0);
    put(&it, &path(&it, HOOK), json!({ "sip_uri": null, "username": null, "email": null })).await;
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::SipUri]);
}

#[tokio::test]
async fn all_bad_fields_are_named_and_nothing_changes() {
    let it = harness().await;
    let before = it.user(0);
    let body = json!({
        "id": 999_999, "email": "no address", "timezone_id": 60_000, "twofa_type": "sms",
        "first_name": "Fine", "is_active": "maybe",
    });
    let answer = put(&it, &path(&it, HOOK), body).await;
    assert_eq!(answer.status, 400);
    let errors = answer.json()["errors"].clone();
    let keys: Vec<_> = errors.as_object().unwrap().keys().cloned().collect();
    assert_eq!(keys, ["id", "email", "is_active", "timezone_id", "twofa_type"]);
    assert_eq!(answer.json()["success"], false);
    assert_eq!(before, it.user(0));
}

#[tokio::test]
async fn a_login_in_use_is_a_conflict() {
    let it = harness().await;
    let answer = put(&it, &path(&it, HOOK), json!({ "username": "USER102" })).await;
    assert_eq!(answer.status, 409);
    assert!(answer.json()["errors"]["username"].is_string());
}

#[tokio::test]
async fn credentials_come_before_the_id_and_anothers_user_is_unknown() {
    let it = harness().await;
    let other = found(&it.directory, "Other", None).await;
    let operator = domain::caller::Caller::operator(other.account.id);
    let theirs = create_user(&it.directory, &operator, "101").await;
    let account = it.directory.account(&operator).unwrap();
    let serial = account.user(theirs).unwrap().serial;
    let unknown = put(&it, &format!("{HOOK}/987654"), json!({})).await;
    let anothers = put(&it, &format!("{HOOK}/{serial}"), json!({})).await;
    assert_eq!((unknown.status, &unknown.text), (anothers.status, &anothers.text));
    assert_eq!(unknown.status, 404);
    let nobody = it.send_json("PUT", &format!("{HOOK}/{serial}"), &[], json!({})).await;
    assert_eq!(nobody.status, 401);
    let challenges: Vec<_> = nobody.headers.get_all("www-authenticate").iter().collect();
    assert!(challenges[0].to_str().unwrap().starts_with("Digest realm=\"api\", qop=\"auth\""));
    assert_eq!(challenges[1], "Basic realm=\"api\"");
}

#[tokio::test]
async fn users_are_created_listed_deleted_and_restored() {
    let it = harness().await;
    let body = json!({ "username": "new", "email": "new@example.net", "roles": [1] });
    let headers = [("authorization", &*basic(&it))];
    let created = it.send_json("POST", CORE, &headers, body).await.json();
    let id = created["users"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(created["users"][0]["roles"], json!({ "1": "Administrator" }));
    let again = it.send_json("POST", CORE, &headers, json!({ "email": "x" })).await;
    assert_eq!(again.status, 400);
    assert_eq!(again.json()["errors"].as_object().unwrap().len(), 2);
    let one = get(&it, &format!("{CORE}/limit/1;1/is_active/1")).await.json();
    assert_eq!(one["users"].as_array().unwrap().len(), 1);
    let above = get(&it, &format!("{CORE}/id/{id};%3E%3D")).await.json();
    assert_eq!(above["users"][0]["id"], id);
    let gone = it.send("DELETE", &format!("{CORE}/{id}"), &headers, "").await;
    assert_eq!(gone.json()["users"][0]["is_deleted"], "1");
    let listed = get(&it, &format!("{CORE}/username/new")).await.json();
    assert_eq!(listed["users"], json!([]));
    put(&it, &format!("{CORE}/{id}"), json!({ "is_deleted": 0 })).await;
    let listed = get(&it, &format!("{CORE}?limit=500")).await.json();
    assert_eq!(listed["users"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn transport_faults_keep_the_envelope() {
    let it = harness().await;
    let authorization = [("authorization", &*basic(&it)), ("content-type", "application/json")];
    let large = vec![b'a'; 10 * 1024 * 1024];
    let too_large = it.send("PUT", &path(&it, HOOK), &authorization, large).await;
    let malformed = it.send("PUT", &path(&it, HOOK), &authorization, "{").await;
    let wrong_method = it.send("POST", &path(&it, HOOK), &authorization, "{}").await;
    let unknown = it.send("GET", "/commpeak/api/leads", &authorization, "").await;
    for (answer, status) in
        [(too_large, 413), (malformed, 400), (wrong_method, 405), (unknown, 404)]
    {
        assert_eq!(answer.status, status);
        assert_eq!(answer.json()["success"], false);
        assert!(answer.json()["message"].is_string());
    }
    let preflight =
        it.send("OPTIONS", &path(&it, HOOK), &[("origin", "https://a.example")], "").await;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn a_bare_array_is_answered_where_asked_for() {
    let it = harness().await;
    let headers = [("authorization", &*basic(&it)), ("accept", "application/json; profile=array")];
    let answer = it.send("GET", &path(&it, CORE), &headers, "").await;
    assert!(answer.json().is_array());
}

#[tokio::test]
async fn an_api_user_kept_to_other_addresses_is_told_so() {
    let it = harness().await;
    let account = it.directory.account(&it.operator).unwrap();
    let found = account.credentials.values().find(|it| it.voice == COMMPEAK.voice).unwrap();
    let kind = domain::resource::ResourceKind::Credential;
    let edit: directory::ResourceEdit = std::sync::Arc::new({
        let id = found.id;
        move |account| {
            let mut credential = (*account.credentials[&id]).clone();
            credential.networks = vec![domain::network::IpNetwork::parse("192.0.2.0/24").unwrap()];
            Ok(Some(credential.into()))
        }
    });
    let options = directory::Options::default();
    it.directory.change_resource((kind, found.id.0), edit, &it.operator, options).await.unwrap();
    assert_eq!(get(&it, CORE).await.status, 403);
}

#[tokio::test]
async fn what_other_vendors_write_survives_a_put() {
    let it = harness().await;
    let theirs = UserPatch {
        calls_blocked: Change::Set(true),
        missed_call_sms: Change::Set(true),
        ..UserPatch::default()
    };
    let options = directory::Options::default();
    it.directory.change_user(it.users[0], theirs, &it.operator, options).await.unwrap();
    let whole = get(&it, &path(&it, CORE)).await.json()["users"][0].clone();
    let before = it.user(0);
    assert_eq!(put(&it, &path(&it, HOOK), whole).await.status, 200);
    assert_eq!(Harness::changed(&before, &it.user(0)), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn curl_speaks_digest_and_basic() {
    let it = harness().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = tokio::spawn(axum::serve(listener, it.router()).into_future());
    let (username, password) = &it.founded.commpeak;
    let url = format!("http://{address}{}", path(&it, HOOK));
    let curl = |scheme: &str, secret: &str| {
        let user = format!("{username}:{secret}");
        let body = r#"{"last_name":"Curl"}"#;
        let output = Command::new("curl")
            .args(["-s", "-w", "%{http_code}", "-X", "PUT", scheme, "-u", &user, "-d", body, &url])
            .args(["-H", "content-type: application/json"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for scheme in ["--digest", "--basic", "--anyauth"] {
        let answer = curl(scheme, password.expose());
        assert!(answer.ends_with("200") && answer.contains("\"Curl\""), "{scheme}: {answer}");
    }
    assert!(curl("--digest", "wrong").ends_with("401"));
    serving.abort();
}
