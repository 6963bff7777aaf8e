//! Calls and devices on the console's pages, with real phones on a running server.

use sip::Method;

use crate::harness::{Folder, Running, text};
use crate::softphone::Softphone;
use crate::web::Web;

fn demo(folder: &Folder) -> Running {
    Running::demo(&folder.path("data"))
}

/// A demo user, signed in.
fn agent(demo: &Running, extension: &str) -> Web {
    let users = demo.ready["users"].as_array().unwrap();
    let user = users.iter().find(|user| user["extension"] == extension).unwrap();
    Web::signed_in(demo, &text(user, "/login"), &text(user, "/password"))
}

fn id(demo: &Running, extension: &str) -> String {
    let path = format!("/api/v1/users/extension:{extension}");
    let (_, user) = demo.ask("GET", &path, &serde_json::Value::Null);
    text(&user, "/id")
}

/// One calls the other, who picks up.
fn talk(caller: &mut Softphone, called: &mut Softphone, extension: &str) {
    let invite = caller.call(extension);
    called.pick_up();
    caller.answered(&invite);
    called.expect(Method::Ack);
}

#[test]
fn the_live_page_shows_a_call_come_and_go() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut web = Web::administrator(&demo);
    let mut events = web.events("/live/events");
    events.until(|it| it.contains("No call is going on") && it.contains("Nobody has a device"));
    let mut asha = Softphone::registered(&demo, "101");
    let mut ravi = Softphone::registered(&demo, "102");
    events.until(|it| it.matches("Registered").count() == 2);
    talk(&mut asha, &mut ravi, "102");
    events.until(|it| it.contains("Talking</td>") && it.matches("On a call</span>").count() == 2);
    let call = web.get("/live").field("call");
    let ended = web.post("/live", "/live/hang-up", &[("call", &call)]);
    assert_eq!((ended.status, &*ended.location), (303, "/live?"));
    asha.ended();
    ravi.ended();
    events.until(|it| it.contains("No call is going on"));
}

#[test]
fn the_live_page_follows_a_break_and_a_removed_device() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut web = Web::administrator(&demo);
    Softphone::registered(&demo, "101");
    let asha = id(&demo, "101");
    let mut dots = web.events(&format!("/users/dots?user={asha}"));
    dots.until(|it| it.contains(r#""on","Registered""#));
    let on_break = serde_json::json!({ "presence": "break" });
    demo.ask("PATCH", "/api/v1/users/extension:101", &on_break);
    dots.until(|it| it.contains(r#""pause","On a break""#));
    let path = format!("/users/{asha}/devices");
    let page = web.get(&path);
    assert!(page.text.contains("UDP"), "{}", page.text);
    let contact = page.field("contact").replace("&#38;", "&").replace("&#60;", "<");
    web.post(&path, &path, &[("contact", &contact)]);
    assert!(web.get(&path).text.contains("One device was removed"));
    assert!(web.get(&path).text.contains("No device is registered"));
}

#[test]
fn a_call_is_found_by_its_filters_and_tells_why() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut asha = Softphone::registered(&demo, "101");
    Softphone::registered(&demo, "102");
    let on_break = serde_json::json!({ "presence": "break" });
    demo.ask("PATCH", "/api/v1/users/extension:102", &on_break);
    assert_eq!(asha.refused("102"), 480);
    let mut web = Web::administrator(&demo);
    let found = web.until("/calls?result=missed&user=102", |it| it.contains("Why?</a>"));
    assert!(web.get("/calls?result=answered").text.contains("No call is found"));
    assert!(web.get("/calls?user=103").text.contains("No call is found"));
    assert!(web.get("/calls?to=2000-01-01").text.contains("No call is found"));
    assert!(web.get("/calls?from=2000-01-01&called=102").text.contains("Why?</a>"));
    assert!(web.get("/calls?user=nobody").text.contains("Nobody has the extension"));
    assert!(web.get("/calls?from=never").text.contains("is no date"));
    let path = format!("/calls/{}", found.after("href=\"/calls/"));
    let call = web.get(&path);
    assert!(call.text.contains("May he be rung?"), "{}", call.text);
    assert!(call.text.contains("<code>on_break</code>"), "{}", call.text);
    assert!(call.text.contains("<strong>Presence</strong>: break, set by"), "{}", call.text);

    // Ravi sees his own call and no names of those who changed him; Meera sees nothing.
    let own = agent(&demo, "102").get(&path);
    assert_eq!(own.status, 200);
    assert!(own.text.contains("<code>on_break</code>") && !own.text.contains("set by"));
    assert_eq!(agent(&demo, "103").get(&path).status, 404);
}

#[test]
fn an_agent_calls_from_his_page_and_ends_his_own_call_only() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut asha = agent(&demo, "101");
    let form = [("destination", "102")];
    let refused = asha.post("/me/calls", "/me/calls", &form);
    assert_eq!(refused.status, 422);
    assert!(refused.text.contains("no registered device"), "{}", refused.text);
    let mut phone = Softphone::registered(&demo, "101");
    let mut called = Softphone::registered(&demo, "102");
    assert_eq!(asha.post("/me/calls", "/me/calls", &form).location, "/me/calls");
    phone.pick_up();
    called.pick_up();
    called.expect(Method::Ack);
    phone.expect(Method::Ack);
    let call = asha.until("/live", |it| it.contains("Talking</td>")).field("call");
    let mut meera = agent(&demo, "103");
    assert!(meera.get("/live").text.contains("No call is going on"));
    meera.post("/me", "/live/hang-up", &[("call", &call)]);
    assert!(asha.get("/live").text.contains("Talking</td>"));
    asha.post("/live", "/live/hang-up", &[("call", &call)]);
    phone.ended();
    called.ended();
    asha.until("/me/calls", |it| it.contains("Click-to-call"));
    asha.post("/me/calls", "/me/devices", &[]);
    assert!(asha.get("/me/calls").text.contains("No device is registered"));
}

#[test]
fn a_stop_ends_the_streams_that_are_open() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let web = Web::administrator(&demo);
    let mut live = web.events("/live/events");
    live.next().unwrap();
    demo.signal("-TERM");
    while live.next().is_some() {}
    assert!(demo.stop_already_asked().success());
}

#[test]
fn a_telephone_that_guesses_is_locked_and_shown() {
    let folder = Folder::new();
    let demo = demo(&folder);
    let mut guesser = Softphone::of(&demo, "101");
    guesser.set_password("not the password");
    let answers: Vec<_> = (0..20).map(|_| guesser.register()).collect();
    assert_eq!((answers[0], answers[19]), (401, 503), "{answers:?}");
    let page = Web::administrator(&demo).get("/audit").text;
    assert!(page.contains("<td>101</td><td>Telephone</td>"), "{page}");
}
