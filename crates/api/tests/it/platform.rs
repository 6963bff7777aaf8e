//! The platform of Smartflo, Acefone and Servetel, as its pages and clients use it.

use domain::account::Account;
use domain::change::Change;
use domain::patch::UserPatch;
use domain::resource::TeamKind;
use domain::setting::Setting;
use domain::user::CallScope;
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, create, create_user, found, harness, harness_with, team};

/// A mount with its token.
fn brands(it: &Harness) -> [(&'static str, String); 3] {
    let acefone = it.founded.acefone.expose().to_owned();
    let smartflo = it.founded.smartflo.expose().to_owned();
    [("smartflo", smartflo), ("acefone", acefone.clone()), ("servetel", acefone)]
}

async fn send(it: &Harness, method: &str, path: &str, body: Value) -> Answer {
    let token = format!("Bearer {}", it.founded.smartflo.expose());
    let path = format!("/smartflo/v1/{path}");
    it.send_json(method, &path, &[("authorization", &token)], body).await
}

async fn patch(it: &Harness, body: Value) -> Answer {
    send(it, "PATCH", &format!("user/{}", it.user(0).serial), body).await
}

async fn get(it: &Harness, path: &str) -> Answer {
    send(it, "GET", path, json!({})).await
}

fn agent(it: &Harness, user: usize) -> String {
    format!("05{:07}{:04}", it.founded.account.serial.0, it.user(user).serial.0)
}

#[tokio::test]
async fn acefones_documented_sample_is_taken_by_every_brand() {
    for (mount, token) in brands(&harness().await) {
        let it = harness().await;
        let (_, token) =
            brands(&it).into_iter().find(|(it, _)| *it == mount).unwrap_or((mount, token));
        let serial = it.user(0).serial;
        let body = format!(
            r#"{{"user_for_cdr":{{"value":["{}","{}"],"type":"agent"}}}}"#,
            agent(&it, 1),
            agent(&it, 2)
        );
        for shown in [format!("Bearer {token}"), token] {
            let headers = [
                ("accept", "application/json"),
                ("content-type", "application/json"),
                ("authorization", shown.as_str()),
            ];
            let path = format!("/{mount}/v1/user/{serial}");
            let answer = it.send("PATCH", &path, &headers, body.clone()).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(
                answer.text,
                format!(
                    r#"{{"success":true,"message":"User updated successfully","data":{{"id":{serial},"agent_id":"{}"}}}}"#,
                    agent(&it, 0)
                )
            );
        }
        let wanted = CallScope::Users(Box::new([it.users[1], it.users[2]]));
        assert_eq!(it.user(0).call_scope, wanted);
    }
}

#[tokio::test]
async fn every_field_of_the_pages_is_written_and_read_back() {
    let it = harness().await;
    let account = it.directory.account(&it.operator).unwrap();
    let number = account.numbers[&it.number].serial.to_string();
    let body = json!({
        "name": "Asha Menon", "number": "+918012345678", "email": "asha@example.net",
        "caller_id": [number], "agent_group": ["sales"], "block_agent": true,
        "international_outbound": true, "destination": "Team lead", "login_id": "asha.menon",
        "user_role": "1", "password": "Welcome-12", "block_web_login": "true",
        "user_for_cdr": { "type": "all" }, "login_based_calling": 1, "disable_agent": true,
    });
    assert_eq!(patch(&it, body).await.status, 200);
    let shown = get(&it, &format!("user/{}", it.user(0).serial)).await.json()["data"].clone();
    let member = &shown["team_member"];
    assert_eq!(shown["id"], it.user(0).serial.to_string());
    assert_eq!((&shown["name"], &shown["number"]), (&json!("Asha Menon"), &json!("+918012345678")));
    assert_eq!(member["designation"], "Team lead");
    assert_eq!(member["login_id"], "asha.menon");
    assert_eq!(member["role"], json!({ "name": "Administrator", "id": 1 }));
    assert_eq!(member["is_login_based_calling"], true);
    assert_eq!(member["is_web_login_block"], true);
    assert_eq!(member["users_for_cdr"], json!({ "type": "all", "value": null }));
    assert_eq!(shown["agent"]["agent_status"], 2);
    assert_eq!(shown["agent"]["is_international_outbound_enabled"], true);
    assert_eq!(shown["agent"]["caller_id"], json!([number]));
    assert_eq!(shown["agent"]["agent_group"][0]["name"], "Sales");
    assert!(it.user(0).sign_in.password.as_ref().unwrap().verify("Welcome-12"));
    patch(&it, json!({ "disable_agent": false })).await;
    let row = get(&it, "users").await.json()["data"][1].clone();
    assert_eq!(row["id"], it.user(0).serial.0);
    assert_eq!(row["agent"]["status"], 1);
}

#[tokio::test]
async fn designation_wins_over_destination_and_email_has_three_names() {
    let it = harness().await;
    patch(&it, json!({ "destination": "A", "designation": "B" })).await;
    assert_eq!(it.user(0).identity.title.as_ref().unwrap().to_string(), "B");
    for (key, address) in
        [("email", "a@a.example"), ("email_id", "b@a.example"), ("Email ID", "c@a.example")]
    {
        patch(&it, json!({ key: address })).await;
        assert_eq!(it.user(0).identity.email.as_ref().unwrap().to_string(), address);
    }
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let it = harness().await;
    let theirs = UserPatch { missed_call_sms: Change::Set(true), ..UserPatch::default() };
    let options = directory::Options::default();
    it.directory.change_user(it.users[0], theirs, &it.operator, options).await.unwrap();
    let before = it.user(0);
    patch(&it, json!({ "block_agent": true, "unknown": 1, "name": null })).await;
    assert_eq!(Harness::changed(&before, &it.user(0)), [Setting::CallsBlocked]);
}

#[tokio::test]
async fn all_bad_fields_are_named_twice_and_nothing_changes() {
    let it = harness().await;
    let before = it.user(0);
    let body = json!({
        "user_role": "999", "caller_id": [77], "password": "short", "block_agent": "perhaps",
        "user_for_cdr": { "type": "agent", "value": [] }, "name": "Fine Name",
    });
    let answer = patch(&it, body).await;
    assert_eq!(answer.status, 400);
    let json = answer.json();
    assert_eq!((&json["success"], &json["message"]), (&json!(false), &json!("Validation failed")));
    assert_eq!(json["error"], json["errors"]);
    assert_eq!(json["error"]["user_role"], json!(["The selected user role is invalid."]));
    let mut keys: Vec<_> = json["error"].as_object().unwrap().keys().cloned().collect();
    keys.sort();
    assert_eq!(keys, ["block_agent", "caller_id", "password", "user_for_cdr", "user_role"]);
    assert_eq!(before, it.user(0));
}

#[tokio::test]
async fn the_documented_refusals_keep_the_envelope() {
    let it = harness().await;
    let empty = patch(&it, json!({})).await;
    assert_eq!(empty.json()["message"], "Nothing to update");
    let unknown = send(&it, "PATCH", "user/987654", json!({ "name": "X" })).await;
    assert_eq!(
        (unknown.status.as_u16(), &unknown.json()["message"]),
        (404, &json!("User not found"))
    );
    let path = format!("/smartflo/v1/user/{}", it.user(0).serial);
    let nobody = it.send_json("PATCH", &path, &[], json!({ "name": "X" })).await;
    assert_eq!(nobody.status, 401);
    assert_eq!(nobody.json()["message"], "Token is invalid or expired");
    let token = format!("Bearer {}", it.founded.smartflo.expose());
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let malformed = it.send("PATCH", &path, &headers, "{").await;
    assert_eq!(malformed.json()["message"], "Invalid JSON");
    let large = it.send("PATCH", &path, &headers, vec![b' '; 10 << 20]).await;
    assert_eq!(large.status, 413);
    let wrong_method = it.send("PUT", &path, &headers, "{}").await;
    assert_eq!(wrong_method.status, 405);
    let elsewhere = it.send("GET", "/smartflo/v1/call/recordings", &headers, "").await;
    assert_eq!(elsewhere.status, 404);
    for answer in [malformed, large, wrong_method, elsewhere] {
        assert_eq!(answer.json()["success"], false);
    }
    let preflight = it.send("OPTIONS", &path, &[], "").await;
    assert_eq!(preflight.headers["access-control-allow-origin"], "*");
}

#[tokio::test]
async fn anothers_user_is_answered_like_an_unknown_one() {
    let it = harness().await;
    let other = found(&it.directory, "Other", None).await;
    let operator = domain::caller::Caller::operator(other.account.id);
    let theirs = create_user(&it.directory, &operator, "101").await;
    let serial = it.directory.account(&operator).unwrap().user(theirs).unwrap().serial;
    for method in ["GET", "PATCH", "DELETE"] {
        let unknown = send(&it, method, "user/987654", json!({ "name": "X" })).await;
        let anothers = send(&it, method, &format!("user/{serial}"), json!({ "name": "X" })).await;
        assert_eq!((unknown.status, unknown.text), (anothers.status, anothers.text));
    }
    let theirs_token = format!("Bearer {}", other.native.expose());
    let headers = [("authorization", theirs_token.as_str())];
    assert_eq!(it.send("GET", "/smartflo/v1/users", &headers, "").await.status, 401);
}

#[tokio::test]
async fn lists_page_by_the_last_seen_id() {
    let it = harness().await;
    let first = get(&it, "users?limit=2").await.json();
    assert_eq!((&first["has_more"], &first["count"]), (&json!(true), &json!(2)));
    let last = first["last_seen_id"].as_u64().unwrap();
    let second = get(&it, &format!("users?limit=100&last_seen_id={last}")).await.json();
    assert_eq!((&second["has_more"], &second["count"]), (&json!(false), &json!(2)));
    let end = get(&it, "users?last_seen_id=999999").await;
    assert_eq!(end.text, r#"{"has_more":false,"count":0,"last_seen_id":null,"data":[]}"#);
    assert_eq!(get(&it, "users?last_seen_id=id").await.status, 400);
    let alias = get(&it, "user?limit=2&offset=1").await.json();
    assert_eq!(alias["data"][0]["number"], "+919100000101");
    let blocked = get(&it, "users?is_extension_created=false").await.json();
    assert_eq!(blocked["data"][0]["login_id"], "admin");
}

#[tokio::test]
async fn users_are_created_and_deleted() {
    let it = harness().await;
    let body = json!({
        "name": "New Agent", "number": "918012345678", "email": "n@example.net", "status": true,
        "login_id": "new.agent", "password": "Welcome-12", "user_role": 2, "create_agent": true,
        "create_web_login": true, "caller_id": [1], "enable_calling": true,
    });
    let created = send(&it, "POST", "user", body.clone()).await;
    assert_eq!(created.status, 200, "{}", created.text);
    let data = created.json()["data"].clone();
    let id = data["id"].as_u64().unwrap();
    assert!(data["agent_id"].as_str().unwrap().starts_with("05"));
    assert!(data["agent_extension"].as_str().unwrap().starts_with("06"));
    let again = send(&it, "POST", "user", body).await;
    assert_eq!(again.status, 400);
    assert!(again.json()["errors"]["login_id"].is_array());
    let missing = send(&it, "POST", "user", json!({ "name": "" })).await.json();
    assert_eq!(missing["errors"].as_object().unwrap().len(), 6);
    let gone = send(&it, "DELETE", &format!("user/{id}"), json!({})).await;
    assert_eq!(gone.json()["success"], true);
    assert_eq!(send(&it, "DELETE", &format!("user/{id}"), json!({})).await.status, 404);
}

#[tokio::test]
async fn a_users_own_token_of_an_account_switched_off_is_told_so() {
    let it = harness().await;
    let body = json!({ "email": "user101", "password": "Initial-pw-1" });
    let token = it.send_json("POST", "/smartflo/v1/auth/login", &[], body).await.json();
    let token = format!("Bearer {}", token["access_token"].as_str().unwrap());
    let off = |account: &Account| Account { active: false, ..account.clone() };
    it.directory.change_account(off, &it.operator, directory::Options::default()).await.unwrap();
    let answer = it.send("GET", "/smartflo/v1/users", &[("authorization", &token)], "").await;
    assert_eq!(answer.status, 403);
    assert_eq!(answer.json()["message"], "The account is inactive");
}

#[tokio::test]
async fn a_users_own_token_is_given_refreshed_and_ended() {
    let it = harness().await;
    let login = |body| it.send_json("POST", "/smartflo/v1/auth/login", &[], body);
    let wrong = login(json!({ "email": "user101", "password": "nope" })).await;
    assert_eq!(wrong.status, 401);
    assert_eq!(wrong.json()["login_failed_count"], 1);
    for key in ["email", "login_id"] {
        let body = json!({ key: "user101", "password": "Initial-pw-1" });
        let token = login(body).await.json();
        assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("bearer"), &json!(3600)));
        let header = |token: &Value| format!("Bearer {}", token["access_token"].as_str().unwrap());
        let old = header(&token);
        let post = async |path: &str, token: &str| {
            it.send("POST", &format!("/smartflo/v1/auth/{path}"), &[("authorization", token)], "")
                .await
        };
        let new = header(&post("refresh", &old).await.json());
        assert_eq!(post("refresh", &old).await.status, 401);
        assert_eq!(post("logout", &new).await.json()["success"], true);
        assert_eq!(post("logout", &new).await.status, 401);
    }
}

#[tokio::test]
async fn one_second_takes_so_many_requests_and_says_false_as_text() {
    let config = api::ApiConfig { platform_requests_per_second: 2, ..api::ApiConfig::default() };
    let it = harness_with(config).await;
    let mut last = get(&it, "users").await;
    for _ in 0..20 {
        last = get(&it, "users").await;
        if last.status == 429 {
            break;
        }
    }
    assert_eq!(last.text, r#"{"success":"false","message":"Too many requests."}"#);
    assert_eq!(last.headers["retry-after"], "1");
}

#[tokio::test]
async fn numbers_are_a_bare_array_and_ring_where_they_are_sent() {
    let it = harness().await;
    let list = get(&it, "my_number").await.json();
    let id = list[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(list[0]["did"], "+918045678901");
    let to = format!("agent||{}", agent(&it, 1));
    let body = json!({ "name": "Main", "destination": to });
    let answer = send(&it, "PUT", &format!("my_number/{id}"), body).await;
    assert_eq!(answer.json()["success"], true, "{}", answer.text);
    let list = get(&it, "my_number").await.json();
    assert_eq!((&list[0]["name"], &list[0]["destination"]), (&json!("Main"), &json!(to)));
    let refused =
        send(&it, "PUT", &format!("my_number/{id}"), json!({ "destination": "ivr||3" })).await;
    assert!(refused.json()["error"]["destination"].is_array());
}

#[tokio::test]
async fn departments_time_groups_blocked_numbers_and_agents_have_their_whole_life() {
    let it = harness().await;
    let made = send(
        &it,
        "POST",
        "department",
        json!({ "name": "Care", "ring_strategy": "order_by", "destination": [agent(&it, 0)], "timeout": [30] }),
    )
    .await;
    let desk = made.json()["data"]["id"].as_u64().unwrap();
    let list = get(&it, "departments").await.json();
    assert_eq!(list[0]["agents"][0]["id"], agent(&it, 0));
    let path = format!("department/{desk}");
    send(&it, "PUT", &path, json!({ "destination": [agent(&it, 1)] })).await;
    let list = get(&it, "departments").await.json();
    assert_eq!(list[0]["agents"], json!([{ "id": agent(&it, 1), "name": "Asha Rao" }]));
    patch(&it, json!({ "department": ["care"] })).await;
    assert_eq!(get(&it, "departments").await.json()[0]["agents"].as_array().unwrap().len(), 2);
    assert_eq!(send(&it, "DELETE", &path, json!({})).await.json()["success"], true);

    let group = json!({ "name": "Day", "from_time": ["09:00"], "to_time": ["18:00"], "days": ["Mon", "Tue"] });
    let made = send(&it, "POST", "timegroup", group).await;
    let id = made.json()["data"]["id"].as_u64().unwrap();
    patch(&it, json!({ "time_group": id })).await;
    let shown = get(&it, &format!("user/{}", it.user(0).serial)).await.json();
    assert_eq!(shown["data"]["agent"]["time_group"], json!({ "id": id, "name": "Day" }));

    patch(&it, json!({ "failover_destination": ["hangup||1"] })).await;
    let shown = get(&it, &format!("user/{}", it.user(0).serial)).await.json();
    let goes_on = json!({ "id": "1", "name": "Hang up", "type": "hangup" });
    assert_eq!(shown["data"]["agent"]["failover_destination"], goes_on);
    patch(&it, json!({ "failover_destination": [format!("agent||{}", agent(&it, 1))] })).await;
    let shown = get(&it, &format!("user/{}", it.user(0).serial)).await.json();
    let goes_on = json!({ "id": agent(&it, 1), "name": "Asha Rao", "type": "agent" });
    assert_eq!(shown["data"]["agent"]["failover_destination"], goes_on);
    patch(&it, json!({ "failover_destination": [] })).await;

    let bad = send(
        &it,
        "POST",
        "timegroup",
        json!({ "name": "X", "from_time": ["25:00"], "to_time": ["9"] }),
    )
    .await;
    assert_eq!(bad.status, 400);
    assert_eq!(send(&it, "DELETE", &format!("timegroup/{id}"), json!({})).await.status, 200);

    let made = send(&it, "POST", "blocked_number", json!({ "src_number": "09123456789" })).await;
    let id = made.json()["data"]["id"].as_u64().unwrap();
    assert_eq!(get(&it, "blocked_numbers").await.json()[0]["block_key"], "all");
    let body = json!({ "src_number": "09123456780", "block_key": "did", "did_numbers": ["+918045678901"] });
    send(&it, "PUT", &format!("blocked_number/{id}"), body).await;
    assert_eq!(
        get(&it, "blocked_numbers").await.json()[0]["did_numbers"],
        json!(["+918045678901"])
    );
    send(&it, "DELETE", &format!("blocked_number/{id}"), json!({})).await;
    assert_eq!(get(&it, "blocked_numbers").await.json(), json!([]));

    let made =
        send(&it, "POST", "agent", json!({ "name": "Old", "follow_me_number": "9812345678" }))
            .await;
    let id = made.json()["agent_id"].as_str().unwrap().to_owned();
    send(&it, "POST", &format!("agent/{id}/block"), json!({})).await;
    let agents = get(&it, "agents").await.json();
    let row = agents.as_array().unwrap().iter().find(|row| row["id"] == id).unwrap();
    assert_eq!((&row["follow_me_number"], &row["status"]), (&json!("+919812345678"), &json!(1)));
    assert_eq!(
        send(&it, "DELETE", &format!("agent/{id}"), json!({})).await.json()["success"],
        true
    );
    assert!(get(&it, "user_roles").await.json().is_array());
    create(&it.directory, &it.operator, team(TeamKind::SkillGroup, "Hindi")).await;
    let lists = get(&it, "dialer/skill_lists").await.json();
    let skills = get(&it, &format!("dialer/skills/{}", lists[0]["id"])).await.json();
    assert_eq!(skills[0]["name"], "Hindi");
}
