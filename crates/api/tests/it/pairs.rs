//! Queries and forms of more pairs than are read: refused in every dialect's own shape, and nothing
//! of them done.

use api::request::PAIRS_MAX;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::harness::{Answer, Harness, harness};

const FORM: &str = "application/x-www-form-urlencoded";

/// An update of the first user's name as a form: its method, path, credential and fields.
type Update = fn(&Harness) -> (&'static str, String, String, String);

const ALL: &[(&str, Update)] = &[
    ("callerdesk", |it| {
        let fields = format!("member_id={}&member_name=Renamed", it.user(0).serial);
        let path = "/callerdesk/api/updatemember_v2".to_owned();
        ("POST", path, it.founded.callerdesk.expose().to_owned(), fields)
    }),
    ("telecmi", |it| {
        let (app, secret) = &it.founded.telecmi;
        let user = it.user(0);
        let extension = user.telephone.extension.unwrap();
        let phone = user.identity.phone.map(domain::phone::PhoneNumber::digits).unwrap();
        let fields = format!(
            "appid={app}&secret={}&id={extension}_{app}&name=Renamed&phone_number={phone}\
             &password=Initial-pw-1",
            secret.expose()
        );
        ("POST", "/telecmi/v2/user/update".to_owned(), String::new(), fields)
    }),
    ("acefone", |it| platform(it, "acefone", it.founded.acefone.expose())),
    ("smartflo", |it| platform(it, "smartflo", it.founded.smartflo.expose())),
    ("commpeak", |it| {
        let (name, password) = &it.founded.commpeak;
        let proof = STANDARD.encode(format!("{name}:{}", password.expose()));
        let path = format!("/commpeak/integrations/adapters/hook/users/{}", it.user(0).serial);
        ("PUT", path, format!("Basic {proof}"), "first_name=Renamed".to_owned())
    }),
];

fn platform(it: &Harness, mount: &str, token: &str) -> (&'static str, String, String, String) {
    let path = format!("/{mount}/v1/user/{}", it.user(0).serial);
    ("PATCH", path, token.to_owned(), "name=Renamed".to_owned())
}

async fn send(it: &Harness, update: Update, query: &str, more: &str) -> Answer {
    let (method, path, credential, fields) = update(it);
    let headers = [("content-type", FORM), ("authorization", &*credential)];
    it.send(method, &format!("{path}{query}"), &headers, format!("{fields}{more}")).await
}

fn is_renamed(it: &Harness) -> bool {
    it.user(0).name().contains("Renamed")
}

fn sentence(answer: &Answer) -> String {
    let body: Value = serde_json::from_str(&answer.text).unwrap();
    let said = ["msg", "message"].iter().find_map(|key| body.get(*key)?.as_str());
    said.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_form_of_too_many_pairs_is_refused_whole() {
    for (mount, update) in ALL {
        let it = harness().await;
        let answer = send(&it, *update, "", &"&x=1".repeat(PAIRS_MAX)).await;
        assert_eq!(answer.status, 400, "{mount}: {}", answer.text);
        assert!(sentence(&answer).contains("oo many parameters"), "{mount}: {}", answer.text);
        assert!(!is_renamed(&it), "{mount}");
        let answer = send(&it, *update, "", &"&x=1".repeat(PAIRS_MAX / 2)).await;
        assert!(answer.status.is_success(), "{mount}: {}", answer.text);
        assert!(is_renamed(&it), "{mount}");
    }
}

#[tokio::test]
async fn a_query_of_too_many_pairs_is_refused_whole() {
    for (mount, update) in ALL {
        let it = harness().await;
        let query = format!("?x=1{}", "&x=1".repeat(PAIRS_MAX));
        let answer = send(&it, *update, &query, "").await;
        assert_eq!(answer.status, 400, "{mount}: {}", answer.text);
        assert!(sentence(&answer).contains("oo many parameters"), "{mount}: {}", answer.text);
        assert_eq!(answer.headers["access-control-allow-origin"], "*", "{mount}");
        assert!(!is_renamed(&it), "{mount}");
    }
}

#[tokio::test]
async fn a_multipart_form_of_too_many_parts_is_refused_whole() {
    let it = harness().await;
    let part = |name: &str, value: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
    };
    let user = it.user(0).serial.to_string();
    let rest = part("x", "1").repeat(PAIRS_MAX);
    let body =
        [part("member_id", &user), part("member_name", "Renamed"), rest, "--b--\r\n".to_owned()];
    let key = it.founded.callerdesk.expose().to_owned();
    let headers = [("content-type", "multipart/form-data; boundary=b"), ("authcode", &*key)];
    let path = "/callerdesk/api/updatemember_v2";
    let answer = it.send("POST", path, &headers, body.concat()).await;
    assert_eq!(answer.status, 400, "{}", answer.text);
    assert_eq!(sentence(&answer), "Request has too many parameters.");
    assert!(!is_renamed(&it));
}
