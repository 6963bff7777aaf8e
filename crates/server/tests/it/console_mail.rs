//! What the console sends by mail: codes to sign in with, links for forgotten passwords. The mail
//! goes through the outbox to a real SMTP server.

use serde_json::json;

use crate::harness::{Folder, Running, text};
use crate::mailbox::Mailbox;
use crate::softphone::Softphone;
use crate::web::{Page, Web};

const PUBLIC_URL: &str = "https://phones.example.net";

struct Office {
    folder: Folder,
    server: Running,
    mailbox: Mailbox,
    login: String,
    password: String,
}

/// A server that sends mail, whose user on 101 has an address.
fn office(two_factor: &str) -> Office {
    let folder = Folder::new();
    let mailbox = Mailbox::open();
    let config = folder.write("rollcall.toml", &mailbox.configuration(PUBLIC_URL));
    let server = Running::demo_with(&folder.path("data"), &["--config", &config]);
    let users = server.ready["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["extension"] == "101").unwrap();
    let (login, password) = (text(user, "/login"), text(user, "/password"));
    let patch = json!({ "email": "asha@example.net", "two_factor": two_factor });
    let (status, answer) = server.ask("PATCH", "/api/v1/users/extension:101", &patch);
    assert_eq!(status, 200, "{answer}");
    Office { folder, server, mailbox, login, password }
}

impl Office {
    fn code(&self) -> String {
        let (to, text) = self.mailbox.next();
        assert_eq!(to, "asha@example.net");
        let rest = text.split("Your code to sign in is ").nth(1).unwrap();
        rest.chars().take(6).collect()
    }

    fn token(&self) -> String {
        let (to, text) = self.mailbox.next();
        assert_eq!(to, "asha@example.net");
        let rest = text.split(&format!("{PUBLIC_URL}/new-password?token=")).nth(1).unwrap();
        rest.chars().take(32).collect()
    }

    /// The step after the password.
    fn second_step(&self, web: &mut Web) -> (String, Page) {
        let place = web.sign_in(&self.login, &self.password).location;
        assert!(place.starts_with("/sign-in/code?ticket="), "{place}");
        let page = web.get(&place);
        (place, page)
    }
}

fn show(web: &mut Web, (place, page): &(String, Page), code: &str) -> Page {
    let form = [("ticket", &*page.field("ticket")), ("code", code)];
    web.post(place, "/sign-in/code", &form)
}

fn wrong(code: &str) -> &'static str {
    if code == "000000" { "000001" } else { "000000" }
}

#[test]
fn a_code_by_mail_signs_in_once_and_stands_in_no_log() {
    let office = office("email");
    let mut web = Web::new(&office.server);
    let step = office.second_step(&mut web);
    assert!(step.1.text.contains("sent six digits"), "{}", step.1.text);
    let code = office.code();
    assert_eq!(show(&mut web, &step, wrong(&code)).status, 422);
    let again =
        web.post(&step.0, "/sign-in/code", &[("ticket", &step.1.field("ticket")), ("again", "1")]);
    assert!(again.text.contains("sent a moment ago"), "{}", again.text);
    assert_eq!(show(&mut web, &step, &code).location, "/");
    assert_eq!(web.get("/me").status, 200);
    let mut thief = Web::new(&office.server);
    let step = office.second_step(&mut thief);
    assert_eq!(show(&mut thief, &step, &code).status, 422);
    assert!(office.mailbox.is_empty(), "another code was sent within half a minute");
    let said = office.server.errors();
    assert!(!said.contains(&code), "{said}");
    drop(office.folder);
}

#[test]
fn five_wrong_codes_void_the_right_one() {
    let office = office("email");
    let mut web = Web::new(&office.server);
    let step = office.second_step(&mut web);
    let code = office.code();
    for _ in 0..5 {
        assert_eq!(show(&mut web, &step, wrong(&code)).status, 422);
    }
    assert_eq!(show(&mut web, &step, &code).status, 422);
    assert!(web.get("/me").location.starts_with("/sign-in"));
}

#[test]
fn a_forgotten_password_is_replaced_by_a_link_that_is_good_once() {
    let office = office("off");
    let mut signed_in = Web::signed_in(&office.server, &office.login, &office.password);
    let mut web = Web::new(&office.server);
    assert!(web.get("/sign-in").text.contains("href=\"/forgotten\""));
    let unknown = web.post("/forgotten", "/forgotten", &[("email", "nobody@example.net")]);
    let known = web.post("/forgotten", "/forgotten", &[("email", "Asha@example.net")]);
    assert_eq!((unknown.status, &unknown.text), (200, &known.text));
    let token = office.token();
    assert!(office.mailbox.is_empty(), "somebody unknown was sent mail");
    let path = format!("/new-password?token={token}");
    assert_eq!(web.get(&path).status, 200);
    assert_eq!(web.get("/new-password?token=aaaa").status, 404);
    let weak = [("token", &*token), ("new", "x")];
    assert_eq!(web.post(&path, "/new-password", &weak).status, 422);
    let form = [("token", &*token), ("new", "Another-pw-2")];
    assert_eq!(web.post(&path, "/new-password", &form).location, "/sign-in");
    assert_eq!(web.post("/sign-in", "/new-password", &form).status, 404);
    assert!(signed_in.get("/me").location.starts_with("/sign-in"), "the session goes on");
    assert_eq!(web.sign_in(&office.login, &office.password).status, 422);
    assert_eq!(web.sign_in(&office.login, "Another-pw-2").location, "/");
    let (_, history) =
        office.server.ask("GET", "/api/v1/users/extension:101/history", &serde_json::Value::Null);
    assert!(!history.to_string().contains("Another-pw-2"));
    let said = office.server.errors();
    assert!(!said.contains(&token), "{said}");
    drop(office.folder);
}

#[test]
fn a_link_is_void_once_the_password_was_changed_otherwise() {
    let office = office("off");
    let mut web = Web::new(&office.server);
    web.post("/forgotten", "/forgotten", &[("email", "asha@example.net")]);
    let token = office.token();
    let patch = json!({ "password": "Chosen-pw-3" });
    let (status, answer) = office.server.ask("PATCH", "/api/v1/users/extension:101", &patch);
    assert_eq!(status, 200, "{answer}");
    let form = [("token", &*token), ("new", "Another-pw-2")];
    assert_eq!(web.post("/sign-in", "/new-password", &form).status, 404);
    assert_eq!(web.sign_in(&office.login, "Chosen-pw-3").location, "/");
}

#[test]
fn a_missed_call_is_an_alert_that_can_be_sent_again() {
    let office = office("off");
    let patch = json!({ "missed_call_sms": true, "presence": "break" });
    let (status, answer) = office.server.ask("PATCH", "/api/v1/users/extension:101", &patch);
    assert_eq!(status, 200, "{answer}");
    let mut caller = Softphone::registered(&office.server, "102");
    assert_eq!(caller.refused("101"), 480);
    let (to, text) = office.mailbox.next();
    assert!(to == "asha@example.net" && text.contains("Missed call from"), "{to}: {text}");
    let mut web = Web::administrator(&office.server);
    let page = web.until("/alerts", |it| it.contains("Delivered</td>"));
    assert!(page.text.contains("missed call") && page.text.contains("asha@example.net"));
    web.post("/alerts", "/alerts", &[("message", &page.field("message"))]);
    assert_eq!(office.mailbox.next().0, "asha@example.net");
    let unknown = [("message", "0197f3c2-5a1e-8c55-b1d6-5f0c7e2a9b10")];
    web.post("/alerts", "/alerts", &unknown);
    assert!(web.get("/alerts").text.contains("cannot be sent again"));
}

#[test]
fn a_webhook_made_on_its_page_shows_what_it_was_told() {
    let folder = Folder::new();
    let demo = Running::demo(&folder.path("data"));
    let mut web = Web::administrator(&demo);
    // Nobody listens there any more, so the delivery is tried and tried again.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    drop(listener);
    let form = [
        ("name", "CRM"),
        ("url", &*url),
        ("secret", "s3cret-s3cret"),
        ("events", "user.*"),
        ("active", "1"),
    ];
    assert_eq!(web.post("/webhooks/new", "/webhooks/new", &form).location, "/webhooks");
    let list = web.get("/webhooks");
    assert!(!list.text.contains("s3cret-s3cret"));
    let path = format!("/webhooks/{}", list.after("<tr><td><a href=\"/webhooks/"));
    assert!(web.get(&path).text.contains("Nothing was announced"));
    demo.ask("PATCH", "/api/v1/users/extension:101", &json!({ "presence": "break" }));
    let page = web.until(&path, |it| it.contains("Tried; again at"));
    assert!(page.text.contains("user.changed"), "{}", page.text);
    let again = web.post(&path, &path, &[("message", &page.field("message"))]);
    assert_eq!((again.status, again.location), (303, path));
}
