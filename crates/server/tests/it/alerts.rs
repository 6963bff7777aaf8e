//! Messages of missed calls and to webhooks, as operators see and repeat them: a real call, a
//! provider that fails at first.

use serde_json::{Value, json};

use crate::calls::{is_empty, until};
use crate::harness::{Folder, Running, send, text};
use crate::receiver::{Listening, webhook};
use crate::softphone::Softphone;

const UNKNOWN: &str = "0197f3c2-5a1e-8c55-b1d6-5f0c7e2a9b10";

/// A server whose SMS go to `provider`, and whose user on 101 wants them and is on a break.
fn office(folder: &Folder, provider: &Listening) -> Running {
    let config = format!(
        "[sms]\nurl = \"http://{}/\"\nbody = '{{\"to\": \"{{to}}\", \"message\": \"{{text}}\"}}'\n",
        provider.address
    );
    let config = folder.write("rollcall.toml", &config);
    let server = Running::demo_with(&folder.path("data"), &["--config", &config]);
    let patch = json!({
        "missed_call_sms": true, "presence": "break", "phone": "+919100000777",
    });
    let (status, answer) = server.ask("PATCH", "/api/v1/users/extension:101", &patch);
    assert_eq!(status, 200, "{answer}");
    server
}

#[test]
fn a_missed_call_whose_sms_failed_is_listed_and_sent_again() {
    let (folder, provider, crm) = (Folder::new(), Listening::new(), Listening::new());
    let server = office(&folder, &provider);
    // The provider says at once that it will never take it.
    provider.answer(410);
    let mut caller = Softphone::registered(&server, "102");
    assert_eq!(caller.refused("101"), 480);
    let told = provider.next().body();
    assert_eq!(told["to"], "+919100000777");
    let failed = until(&server, "/api/v1/deliveries?kind=alert&state=failed", |it| !is_empty(it));
    let message = &failed["data"][0];
    let id = text(message, "/id");
    assert_eq!((&message["channel"], &message["attempts"]), (&json!("sms"), &json!(1)));
    assert_eq!(
        (&message["response_status"], &message["next_attempt_at"]),
        (&json!(410), &Value::Null)
    );
    assert!(!failed.to_string().contains("Missed call from"), "a text is shown: {failed}");
    let listed = server.run(&["alert", "list", "--state", "failed"]).done();
    assert!(listed.contains(&id) && listed.contains("410"), "{listed}");
    provider.answer(204);
    let again = server.run(&["alert", "retry", &id]).done();
    assert_eq!(again, "sent again to +919100000777\n");
    assert_eq!(provider.next().body(), told, "the same message");
    let path = format!("/api/v1/deliveries/{id}");
    let delivered = until(&server, &path, |it| it["state"] == "delivered");
    assert_eq!((&delivered["error"], &delivered["response_status"]), (&Value::Null, &json!(204)));
    let (_, none) = server.ask("GET", "/api/v1/deliveries?state=failed", &Value::Null);
    assert!(is_empty(&none), "{none}");
    webhook(&server, crm.address, "rollcall", &["user.changed"]);
    server.ask("PATCH", "/api/v1/users/extension:103", &json!({ "title": "Lead" }));
    assert_eq!(crm.next().body()["event"], "user.changed");
    let first =
        until(&server, "/api/v1/deliveries?limit=1", |it| it["data"][0]["channel"] == "webhook");
    let next = format!("/api/v1/deliveries?limit=1&cursor={}", text(&first, "/next_cursor"));
    let (_, second) = server.ask("GET", &next, &Value::Null);
    assert_eq!(second["data"][0]["id"], id.as_str());
    let of_hook = format!("/api/v1/deliveries?webhook={}", text(&first, "/data/0/to"));
    let (_, of_hook) = server.ask("GET", &of_hook, &Value::Null);
    assert_eq!(of_hook["data"].as_array().unwrap().len(), 1);
    let alerts = server.run(&["alert", "list", "--json"]).done();
    let alerts: Value = serde_json::from_str(&alerts).unwrap();
    assert_eq!((alerts.as_array().unwrap().len(), &alerts[0]["id"]), (1, &json!(id)));
    assert!(server.stop().success());
    assert!(provider.is_silent(), "it was sent once more than asked");
}

#[test]
fn messages_are_for_those_who_may_write_the_account() {
    let (folder, provider) = (Folder::new(), Listening::new());
    let server = office(&folder, &provider);
    let again = format!("/api/v1/deliveries/{UNKNOWN}/redeliver");
    let (_, roles) = server.ask("GET", "/api/v1/roles", &Value::Null);
    let made = json!({ "name": "reader", "role": roles["data"][0]["id"], "scope": ["calls.read"] });
    let (status, made) = server.ask("POST", "/api/v1/credentials", &made);
    assert_eq!(status, 201, "{made}");
    let bearer = format!("Bearer {}", text(&made, "/secret/token"));
    for (method, path) in [("GET", "/api/v1/deliveries"), ("POST", &*again)] {
        let headers = [("authorization", &*bearer)];
        let (status, answer) = send(&server.url(), method, path, &headers, &Value::Null);
        assert_eq!(status, 403, "{answer}");
    }
    assert_eq!(server.ask("POST", &again, &Value::Null).0, 404);
    for wrong in ["kind=mail", "state=sent", "webhook=crm", "cursor=x", "kind=alert&webhook=CRM"] {
        let (status, answer) =
            server.ask("GET", &format!("/api/v1/deliveries?{wrong}"), &Value::Null);
        assert_eq!(status, 400, "{wrong}: {answer}");
    }
    server.run(&["alert", "retry", UNKNOWN]).failed(3);
    assert!(server.stop().success());
    assert!(folder.run(&["alert", "list"]).failed(2).contains("--server"));
}
