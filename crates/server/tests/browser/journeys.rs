//! What people come to the console for, from the first click to the last, in a real browser.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::desk_phone;
use crate::harness::{Folder, Running};
use crate::looks::assert_none;
use crate::visit::{Site, Visit};

/// The code an authenticator app shows now (RFC 6238).
#[expect(clippy::disallowed_methods, reason = "an app has no other clock")]
fn app_code(secret: &str) -> String {
    let secret = totp_rs::Secret::try_from_base32(secret).unwrap();
    let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    totp.generate(seconds).to_string()
}

/// Changes Asha as a vendor's client or a colleague would, behind the browser's back.
fn change(site: &Site, patch: Value) {
    let (status, answer) = site.server.ask("PATCH", "/api/v1/users/extension:101", &patch);
    assert_eq!(status, 200, "{answer}");
}

fn of_asha(site: &Site, pointer: &str) -> Value {
    let (_, user) = site.server.ask("GET", "/api/v1/users/extension:101", &Value::Null);
    user[pointer].clone()
}

/// The row of the list that names this user, as it is read.
fn row(visit: &Visit, name: &str) -> String {
    let rows = "return Array.from(document.querySelectorAll('tbody tr'), (it) => it.innerText);";
    let rows = visit.browser.run(rows, &[]);
    let mut rows = rows.as_array().unwrap().iter().map(|it| it.as_str().unwrap());
    rows.find(|it| it.contains(name)).unwrap_or_else(|| panic!("no {name}")).to_owned()
}

#[test]
fn an_empty_folder_is_set_up_with_the_code_from_the_terminal() {
    let folder = Folder::new();
    let mut server = Running::serve(&folder.path("data"), &[]);
    assert!(server.line().contains("/set-up"));
    let code = server.line().trim().rsplit_once(' ').unwrap().1.to_owned();
    let visit = Visit::of(&server.url());
    visit.go("/");
    visit.go("/set-up");
    let mut wrong = visit.look("set-up");
    visit.browser.fill("#code", "a guess");
    visit.browser.fill("#name", "Meridian");
    visit.browser.fill("#country", "IN");
    visit.browser.press("Create the account");
    visit.browser.until("document.querySelector('[role=alert]')");
    visit.browser.fill("#code", &code);
    visit.browser.press("Create the account");
    visit.browser.until("document.querySelectorAll('code').length === 2");
    wrong.extend(visit.look("set-up.founded"));
    let login = visit.browser.text("dd:nth-of-type(1) code");
    let password = visit.browser.text("dd:nth-of-type(2) code");
    visit.sign_in(&login, &password);
    assert_eq!(visit.path(), "/users");
    assert!(row(&visit, "Administrator").contains("No device"));
    visit.assert_quiet_but_for_statuses();
    assert_none(&wrong);
}

#[test]
fn a_first_sign_in_enrols_an_authenticator_app() {
    let site = Site::demo();
    change(&site, json!({ "two_factor": "totp" }));
    let visit = site.visit();
    visit.go("/sign-in");
    visit.browser.fill("#login", "asha");
    visit.browser.fill("#password", &site.server.text("/users/0/password"));
    visit.browser.press("Sign in");
    visit.browser.until("document.querySelector('svg.qr')");
    let mut wrong = visit.look("sign-in.enrol");
    let secret = visit.browser.text(".key");
    visit.browser.fill("#code", &app_code(&secret));
    visit.browser.press("Continue");
    visit.browser.until("document.querySelectorAll('.codes li').length === 8");
    wrong.extend(visit.look("sign-in.recovery"));
    let recovery = visit.browser.text(".codes li");
    visit.browser.press("I have kept them");
    visit.browser.until("location.pathname === '/me'");
    visit.browser.press("Sign out");
    visit.browser.until("location.pathname === '/sign-in'");
    visit.browser.fill("#login", "asha");
    visit.browser.fill("#password", &site.server.text("/users/0/password"));
    visit.browser.press("Sign in");
    visit.browser.until("document.querySelector('#code')");
    wrong.extend(visit.look("sign-in.code"));
    visit.browser.fill("#code", &recovery);
    visit.browser.press("Continue");
    visit.browser.until("document.body.innerText.includes('7 recovery codes are left')");
    visit.assert_quiet();
    assert_none(&wrong);
}

#[test]
fn a_disabled_user_is_seen_on_the_list_and_thrown_out() {
    let site = Site::demo();
    let asha = site.user(0);
    let visit = site.administrator();
    assert!(row(&visit, "Asha Rao").contains("Forwarded"));
    visit.browser.press("Asha Rao");
    visit.browser.click("#f-active");
    visit.browser.press("Save");
    visit.browser.until("document.querySelector('.flash.good')");
    let said = visit.browser.text(".flash.good");
    assert!(said.contains("1 web session"), "{said}");
    visit.browser.press("Users");
    visit.browser.until("location.pathname === '/users'");
    assert!(row(&visit, "Asha Rao").contains("Inactive"));
    visit.browser.choose("#standing", "inactive");
    visit.browser.until("document.querySelectorAll('tbody tr').length === 1");
    asha.go("/me");
    assert!(asha.path().starts_with("/sign-in"), "{}", asha.path());
    visit.assert_quiet();
}

#[test]
fn a_bulk_edit_shows_its_difference_and_is_undone() {
    let site = Site::demo();
    let visit = site.administrator();
    visit.browser.fill("#q", "example.net");
    visit.browser.until("document.querySelectorAll('tbody tr').length === 3");
    assert!(visit.path().contains("q=example.net"), "{}", visit.path());
    visit.browser.click("[data-all]");
    assert_eq!(visit.browser.text("[data-count]"), "3 users chosen");
    let mut wrong = visit.look("users.chosen");
    visit.browser.choose("#setting", "calls_blocked");
    visit.browser.press("Continue");
    visit.browser.until("document.querySelector('#f-calls_blocked')");
    wrong.extend(visit.look("bulk.ask"));
    visit.browser.click("#f-calls_blocked");
    visit.browser.press("Show what would change");
    visit.browser.until("document.querySelectorAll('ins').length === 3");
    assert_eq!(of_asha(&site, "calls_blocked"), false, "only looked at");
    wrong.extend(visit.look("bulk.preview"));
    visit.browser.press("Apply to 3 users");
    visit.browser.until("document.querySelector('.flash.good')");
    assert_eq!(of_asha(&site, "calls_blocked"), true);
    wrong.extend(visit.look("bulk.done"));
    visit.browser.press("Undo");
    visit.browser.until("location.pathname === '/users'");
    assert_eq!(of_asha(&site, "calls_blocked"), false);
    visit.assert_quiet();
    assert_none(&wrong);
}

#[test]
fn a_file_of_users_shows_its_difference_and_is_undone() {
    let site = Site::demo();
    let visit = site.administrator();
    let folder = Folder::new();
    let file = folder
        .write("users.csv", "extension,first_name,title\n101,Asha,Team lead\n199,Kiran,Agent\n");
    visit.browser.press("Import CSV");
    visit.browser.until("document.querySelector('#csv')");
    visit.browser.upload("#file", &file);
    visit.browser.until("document.querySelector('#csv').value.includes('Team lead')");
    visit.browser.press("Show what would change");
    visit.browser.until("document.querySelectorAll('tbody tr').length === 2");
    assert_eq!(of_asha(&site, "title"), Value::Null, "only looked at");
    let mut wrong = visit.look("import.preview");
    visit.browser.press("Apply to 2 users");
    visit.browser.until("document.querySelector('.flash.good')");
    assert_eq!(of_asha(&site, "title"), "Team lead");
    wrong.extend(visit.look("import.done"));
    visit.browser.press("Undo");
    visit.browser.until("location.pathname === '/users'");
    assert_eq!(of_asha(&site, "title"), Value::Null);
    let (status, _) = site.server.ask("GET", "/api/v1/users/extension:199", &Value::Null);
    assert_eq!(status, 404, "who was not there before is not there now");
    visit.assert_quiet();
    assert_none(&wrong);
}

#[test]
fn a_disabled_user_s_registration_vanishes_from_the_live_page() {
    let site = Site::demo();
    let _phone = desk_phone::Softphone::registered(&site.server, "102");
    let wall = site.administrator();
    wall.go("/live");
    let shows = |present: bool| {
        wall.browser.until(&format!("document.body.innerText.includes('Ravi') === {present}"));
    };
    shows(true);
    let visit = site.administrator();
    visit.browser.press("Ravi Menon");
    visit.browser.until("document.querySelector('#f-active')");
    visit.browser.click("#f-active");
    visit.browser.press("Save");
    visit.browser.until("document.querySelector('.flash.good')");
    let said = visit.browser.text(".flash.good");
    assert!(said.contains("1 registration"), "{said}");
    shows(false);
    wall.assert_quiet();
    visit.assert_quiet();
}

#[test]
fn a_conflict_shows_both_and_either_can_be_kept() {
    let site = Site::demo();
    let visit = site.administrator();
    visit.browser.press("Asha Rao");
    visit.browser.fill("#f-title", "Mine");
    change(&site, json!({ "title": "Theirs" }));
    visit.browser.press("Save");
    visit.browser.until("document.querySelector('[role=alert]')");
    let shown = visit.browser.text("table");
    assert!(shown.contains("Mine") && shown.contains("Theirs"), "{shown}");
    let wrong = visit.look("user.conflict");
    assert_eq!(of_asha(&site, "title"), "Theirs", "nothing was saved yet");
    visit.browser.press("Save mine over it");
    visit.browser.until("document.querySelector('.flash.good')");
    assert_eq!(of_asha(&site, "title"), "Mine");
    visit.assert_quiet_but_for_statuses();
    assert_none(&wrong);
}

#[test]
fn an_old_version_is_restored_from_the_time_line() {
    let site = Site::demo();
    change(&site, json!({ "title": "Lead", "calls_max": 2 }));
    let visit = site.administrator();
    visit.browser.press("Asha Rao");
    visit.browser.press("History");
    visit.browser.until("document.body.innerText.includes('Version 2')");
    let wrong = visit.look("user.history");
    visit.browser.press("Restore");
    visit.browser.until("document.body.innerText.includes('Version 3')");
    assert_eq!((of_asha(&site, "title"), of_asha(&site, "calls_max")), (Value::Null, json!(0)));
    visit.assert_quiet();
    assert_none(&wrong);
}

#[test]
fn why_names_the_rule_the_setting_and_who_set_it() {
    let site = Site::demo();
    change(&site, json!({ "calls_blocked": true }));
    let visit = site.administrator();
    visit.browser.press("Asha Rao");
    visit.browser.press("Why?");
    visit.browser.until("document.querySelector('#event')");
    visit.browser.choose("#event", "outgoing");
    visit.browser.fill("#dialled", "102");
    visit.browser.press("Ask");
    visit.browser.until("document.querySelector('.verdict.bad')");
    let stop = visit.browser.text("li.stop");
    assert!(stop.contains("calls_blocked") && stop.contains("native"), "{stop}");
    let wrong = visit.look("why.refused");
    visit.assert_quiet();
    assert_none(&wrong);
}
