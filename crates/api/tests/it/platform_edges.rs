//! What the platform's clients send by mistake or send back as they read it: nothing is lost, and
//! nothing widens.

use domain::extension::Extension;
use domain::id::TeamId;
use domain::resource::{Destination, TeamKind};
use serde_json::{Value, json};

use crate::harness::{Answer, Harness, bearer, create, harness, team};

async fn ask(it: &Harness, method: &str, path: &str, body: Value) -> Answer {
    let token = bearer(it.founded.smartflo.expose());
    it.send_json(method, &format!("/smartflo/v1/{path}"), &[("authorization", &token)], body).await
}

async fn read(it: &Harness, path: &str) -> Value {
    let token = bearer(it.founded.smartflo.expose());
    let path = format!("/smartflo/v1/{path}");
    it.send("GET", &path, &[("authorization", &token)], "").await.json()
}

#[tokio::test]
async fn a_block_for_some_numbers_never_becomes_one_for_all() {
    let it = harness().await;
    for dids in [json!(null), json!([]), json!([{ "id": 1 }])] {
        let body = json!({ "src_number": "09123456789", "block_key": "did", "did_numbers": dids });
        let answer = ask(&it, "POST", "blocked_number", body).await;
        assert_eq!(answer.status, 400, "{}", answer.text);
        assert!(answer.json()["errors"]["did_numbers"].is_array());
    }
    let did = read(&it, "my_number").await[0]["id"].clone();
    let some = json!({ "src_number": "09123456789", "block_key": "did", "did_numbers": [did] });
    let id = ask(&it, "POST", "blocked_number", some).await.json()["data"]["id"].clone();
    let path = format!("blocked_number/{id}");
    for kept in [json!({ "src_number": "09123456780" }), json!({ "block_key": "did" })] {
        let answer = ask(&it, "PUT", &path, kept).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let blocked = read(&it, "blocked_numbers").await[0].clone();
        assert_eq!(
            (&blocked["block_key"], &blocked["src_number"]),
            (&json!("did"), &json!("09123456780"))
        );
    }
}

#[tokio::test]
async fn a_department_keeps_its_agents_unless_others_are_named() {
    let it = harness().await;
    let agent = read(&it, "users").await["data"][1]["agent"]["id"].clone();
    let body = json!({ "name": "Care", "destination": [agent] });
    let id = ask(&it, "POST", "department", body).await.json()["data"]["id"].clone();
    let path = format!("department/{id}");
    let null = json!({ "description": "x", "destination": null });
    assert_eq!(ask(&it, "PUT", &path, null).await.status, 200);
    let strange = ask(&it, "PUT", &path, json!({ "destination": [{ "id": agent }] })).await;
    assert_eq!(strange.status, 400, "{}", strange.text);
    let departments = read(&it, "departments").await;
    let care = departments.as_array().unwrap().iter().find(|it| it["id"] == id).unwrap();
    assert!(care["agents"].as_array().unwrap().iter().any(|it| it["id"] == agent), "{care}");
}

#[tokio::test]
async fn what_is_wrong_with_a_department_or_a_block_is_told_in_the_platform_s_keys() {
    let it = harness().await;
    for (path, body, key) in [
        ("department", json!({ "name": "A", "timeout": [200] }), "timeout"),
        ("blocked_number", json!({ "src_number": "abcde" }), "src_number"),
    ] {
        let answer = ask(&it, "POST", path, body).await;
        assert_eq!(answer.status, 400);
        assert!(answer.json()["errors"][key].is_array(), "{}", answer.text);
    }
}

#[tokio::test]
async fn an_agent_gets_no_extension_where_none_is_wanted() {
    let it = harness().await;
    for (serial, wanted) in [(1, false), (2, true)] {
        let body = json!({
            "name": "New Agent", "number": format!("91981234000{serial}"), "user_role": 2,
            "email": format!("a{serial}@example.net"), "login_id": format!("agent{serial}"),
            "password": "Welcome12", "create_agent": true, "create_extension": wanted,
        });
        let made = ask(&it, "POST", "user", body).await;
        let id = &made.json()["data"]["id"];
        let users = read(&it, "users").await;
        let user = users["data"].as_array().unwrap().iter().find(|it| it["id"] == *id).unwrap();
        assert_eq!(user["extension"].is_string(), wanted, "{user}");
    }
}

#[tokio::test]
async fn a_number_is_written_back_as_it_was_read() {
    let it = harness().await;
    let group = create(&it.directory, &it.operator, team(TeamKind::Group, "Hunt")).await;
    let serial = read(&it, "my_number").await[0]["id"].as_str().unwrap().to_owned();
    let team_serial = group.serial();
    let path = format!("my_number/{serial}");
    let body = json!({ "name": "Main", "destination": format!("department||{team_serial}") });
    assert_eq!(ask(&it, "PUT", &path, body).await.status, 200);
    let shown = read(&it, "my_number").await[0].clone();
    let back = json!({ "name": null, "description": null, "destination": shown["destination"] });
    assert_eq!(ask(&it, "PUT", &path, back).await.status, 200);
    assert_eq!(read(&it, "my_number").await[0], shown);
    let account = it.directory.account(&it.operator).unwrap();
    let leads = account.numbers[&it.number].destination;
    assert_eq!(leads, Some(Destination::Team(TeamId(group.id()))));
}

#[tokio::test]
async fn days_that_are_not_understood_are_refused() {
    let it = harness().await;
    let hours = |name: &str, days: Value| json!({ "name": name, "from_time": ["09:00"], "to_time": ["18:00"], "days": days });
    for days in [json!("Mon-Fri"), json!([["Mon"]]), json!(["someday"])] {
        assert_eq!(ask(&it, "POST", "timegroup", hours("Bad", days)).await.status, 400);
    }
    for (name, days) in [("List", json!("Mon,Tue")), ("Names", json!(["monday", "Tues"]))] {
        let made = ask(&it, "POST", "timegroup", hours(name, days)).await;
        assert_eq!(made.status, 200, "{}", made.text);
    }
    for group in read(&it, "timegroups").await.as_array().unwrap() {
        assert_eq!(group["rows"][0]["days"], json!(["mon", "tue"]));
    }
}

#[tokio::test]
async fn extensions_given_out_pass_over_emergency_numbers() {
    let it = harness().await;
    for number in 0..12 {
        let body = json!({ "name": "Agent", "follow_me_number": format!("91980000{number:04}") });
        let made = ask(&it, "POST", "agent", body).await;
        assert_eq!(made.status, 200, "{number}: {}", made.text);
    }
    let account = it.directory.account(&it.operator).unwrap();
    let has = |text: &str| account.user_by_extension(Extension::parse(text).unwrap()).is_some();
    assert!(has("111") && !has("112") && has("113"));
}

#[tokio::test]
async fn a_password_counts_as_it_was_typed() {
    let it = harness().await;
    let path = format!("user/{}", it.user(0).serial);
    let body = json!({ "password": "Welcome-12 " });
    assert_eq!(ask(&it, "PATCH", &path, body).await.status, 200);
    for (password, status) in [("Welcome-12 ", 200), ("Welcome-12", 401)] {
        let body = json!({ "email": "user101", "password": password });
        assert_eq!(ask(&it, "POST", "auth/login", body).await.status, status);
    }
}

#[tokio::test]
async fn every_refusal_of_acefone_has_an_error_to_forward() {
    let it = harness().await;
    let token = bearer(it.founded.acefone.expose());
    for (path, token, status) in [("user/987654", &*token, 404), ("users", "none", 401)] {
        let path = format!("/acefone/v1/{path}");
        let answer = it.send("GET", &path, &[("authorization", token)], "").await;
        assert_eq!((answer.status.as_u16(), &answer.json()["error"]), (status, &json!({})));
    }
}
