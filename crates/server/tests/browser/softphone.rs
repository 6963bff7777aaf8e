//! Browsers as telephones: they register with what their page was given, call each other with
//! Chromium's fake microphone, and are told why a call is refused.

use serde_json::{Value, json};

use crate::looks::assert_none;
use crate::visit::{Site, Visit};

/// A user's browser at the phone page, registered.
fn phone(site: &Site, place: usize) -> Visit {
    phone_with(site, place, "")
}

/// The same; the page finds a script already run when it opens.
pub(crate) fn phone_with(site: &Site, place: usize, script: &str) -> Visit {
    let visit = site.user(place);
    visit.browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": script }));
    visit.go("/phone");
    visit.browser.until("document.getElementById('phone').dataset.state === 'ready'");
    visit
}

pub(crate) fn state(visit: &Visit, state: &str) {
    let expression = format!("document.getElementById('phone').dataset.state === '{state}'");
    visit.browser.until(&expression);
}

pub(crate) fn dial(visit: &Visit, number: &str) {
    visit.browser.fill("#phone-number", number);
    visit.browser.press("Call");
}

/// Calls the second from the first, and answers.
fn connect(asha: &Visit, ravi: &Visit) {
    dial(asha, "102");
    state(ravi, "ringing");
    ravi.browser.press("Answer");
    state(asha, "talking");
    state(ravi, "talking");
}

/// Bytes of audio received so far, as the browser counts them.
fn received(visit: &Visit) -> u64 {
    let bytes = "return Number(document.getElementById('phone-audio').dataset.bytes);";
    visit.browser.run(bytes, &[]).as_u64().unwrap()
}

/// Waits until more has arrived than at this moment.
fn hears(visit: &Visit) {
    let before = received(visit);
    let bytes = "Number(document.getElementById('phone-audio').dataset.bytes)";
    visit.browser.until(&format!("{bytes} > {before}"));
}

#[test]
fn two_browsers_call_each_other_and_hear_something() {
    let site = Site::demo();
    let (asha, ravi) = (phone(&site, 0), phone(&site, 1));
    let mut wrong = asha.look("phone.ready");
    dial(&asha, "102");
    state(&ravi, "ringing");
    assert!(ravi.browser.title().contains("is calling"), "{}", ravi.browser.title());
    assert!(ravi.browser.text("#phone-peer").contains("Asha Rao"));
    let sound = "document.getElementById('phone').dataset.sound";
    ravi.browser.until(&format!("{sound} === 'ring'"));
    asha.browser.until(&format!("{sound} === 'ringing-back'"));
    wrong.extend(ravi.look("phone.ringing"));
    ravi.browser.press("Answer");
    state(&asha, "talking");
    assert!(!ravi.browser.title().contains("is calling"));
    hears(&asha);
    hears(&ravi);
    wrong.extend(asha.look("phone.talking"));
    asha.browser.click("[data-key='5']");
    ravi.browser.press("Hold");
    state(&ravi, "held");
    ravi.browser.press("Resume");
    state(&ravi, "talking");
    hears(&asha);
    asha.browser.press("Hang up");
    state(&asha, "ready");
    state(&ravi, "ready");
    asha.assert_quiet();
    ravi.assert_quiet();
    assert_none(&wrong);
}

#[test]
fn a_declined_call_and_a_refused_one_say_so() {
    let site = Site::demo();
    let (asha, ravi) = (phone(&site, 0), phone(&site, 1));
    dial(&asha, "102");
    state(&ravi, "ringing");
    ravi.browser.press("Decline");
    state(&asha, "ready");
    asha.browser.until("!document.getElementById('phone-outcome').hidden");
    let blocked = json!({ "presence": "break" });
    let (status, answer) = site.server.ask("PATCH", "/api/v1/users/extension:102", &blocked);
    assert_eq!(status, 200, "{answer}");
    dial(&asha, "102");
    asha.browser.until("document.getElementById('phone-outcome').innerText.includes('on break')");
    let wrong = asha.look("phone.refused");
    asha.assert_quiet();
    assert_none(&wrong);
}

#[test]
fn a_call_is_transferred_to_a_third_browser() {
    let site = Site::demo();
    let (asha, ravi, meera) = (phone(&site, 0), phone(&site, 1), phone(&site, 2));
    connect(&asha, &ravi);
    ravi.browser.fill("#phone-target", "103");
    ravi.browser.press("Transfer");
    state(&meera, "ringing");
    meera.browser.press("Answer");
    state(&meera, "talking");
    state(&ravi, "ready");
    hears(&meera);
    hears(&asha);
    meera.browser.press("Hang up");
    state(&asha, "ready");
}

#[test]
fn the_page_holds_no_password_and_a_signed_out_browser_is_no_phone() {
    let site = Site::demo();
    let asha = phone(&site, 0);
    let source = asha.browser.run("return document.documentElement.outerHTML;", &[]);
    let password = site.server.text("/users/0/sip_password");
    assert!(!source.as_str().unwrap().contains(&password));
    let devices = || {
        let (_, found) =
            site.server.ask("GET", "/api/v1/users/extension:101/registrations", &Value::Null);
        found["data"].as_array().unwrap_or_else(|| panic!("{found}")).len()
    };
    assert_eq!(devices(), 1);
    asha.browser.press("Sign out");
    asha.browser.until("location.pathname === '/sign-in'");
    while devices() > 0 {
        std::thread::yield_now();
    }
    asha.assert_quiet();
}

#[test]
fn who_may_not_use_a_browser_is_told_and_registers_nowhere() {
    let site = Site::demo();
    let (status, answer) =
        site.server.ask("PATCH", "/api/v1/users/extension:101", &json!({ "webrtc": false }));
    assert_eq!(status, 200, "{answer}");
    let asha = site.user(0);
    asha.go("/phone");
    asha.browser.until("!document.getElementById('phone-outcome').hidden");
    state(&asha, "offline");
    assert_none(&asha.look("phone.not-allowed"));
    asha.assert_quiet();
}

#[test]
fn the_microphone_is_checked() {
    let site = Site::demo();
    let asha = phone(&site, 0);
    asha.browser.press("Check the microphone");
    asha.browser.until("document.getElementById('phone-heard').innerText === 'You are heard.'");
    asha.assert_quiet();
}

/// A page on which hours pass in seconds: what it puts off for long it does soon. It keeps the
/// names it has registered with, too.
const HURRIED: &str = r#"window.names = new Set();
    const later = window.setTimeout;
    window.setTimeout = (deed, after, ...more) => later(deed, after > 20000 ? 700 : after, ...more);
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (text) {
        const name = /^REGISTER [^]*username="([^"]+)"/.exec(text);
        if (name) { window.names.add(name[1]); }
        return send.call(this, text);
    };"#;

#[test]
fn a_page_renews_its_credential_long_before_the_hour_is_over() {
    let site = Site::demo();
    let asha = phone_with(&site, 0, HURRIED);
    asha.browser.until("window.names.size >= 3");
    state(&asha, "ready");
    asha.assert_quiet();
}

#[test]
fn a_page_registers_again_by_itself_after_a_restart() {
    let mut site = Site::demo();
    let (asha, ravi) = (phone(&site, 0), phone(&site, 1));
    site.restart();
    state(&asha, "ready");
    state(&ravi, "ready");
    connect(&asha, &ravi);
    asha.browser.press("Hang up");
    state(&ravi, "ready");
}

/// Keeps the page's connections to the server, so that a test can break them.
const BREAKABLE: &str = "window.sockets = [];
    const Socket = window.WebSocket;
    window.WebSocket = class extends Socket {
        constructor(...given) { super(...given); window.sockets.push(this); }
    };";

#[test]
fn a_call_outlives_a_broken_connection() {
    let site = Site::demo();
    let (asha, ravi) = (phone_with(&site, 0, BREAKABLE), phone(&site, 1));
    connect(&asha, &ravi);
    asha.browser.run("window.sockets.at(-1).close();", &[]);
    asha.browser.until("document.getElementById('phone-state').innerText !== 'Registered'");
    asha.browser.until("document.getElementById('phone-state').innerText === 'Registered'");
    state(&asha, "talking");
    hears(&asha);
    hears(&ravi);
    ravi.browser.press("Hang up");
    state(&ravi, "ready");
    state(&asha, "ready");
    asha.assert_quiet();
}

#[test]
fn without_a_microphone_the_page_says_what_to_do() {
    let site = Site::demo();
    let deny = ["--use-fake-ui-for-media-stream=deny"];
    let asha = site.user_at(Visit::with(&site.server.url(), &deny), 0);
    asha.go("/phone");
    state(&asha, "ready");
    dial(&asha, "102");
    let outcome = "document.getElementById('phone-outcome')";
    asha.browser.until(&format!("{outcome}.innerText.includes('Allow it for this site')"));
    state(&asha, "ready");
    asha.browser.press("Check the microphone");
    let heard = "document.getElementById('phone-heard').innerText";
    asha.browser.until(&format!("{heard}.includes('Allow it for this site')"));
    assert_none(&asha.look("phone.no-microphone"));
    asha.assert_quiet();
}
