//! Every page the console has, found by following its links: it opens without a complaint, is
//! accessible, fits its screen, and asks no other host.

use std::collections::{BTreeSet, VecDeque};

use serde_json::{Value, json};
use sip::Method;

use crate::desk_phone::Softphone as DeskPhone;
use crate::looks::assert_none;
use crate::visit::{Site, Visit};

/// Where the console says which addresses it has.
const ROUTES: &str = include_str!("../../../console/src/pages/mod.rs");

/// Answers that are no pages, or pages of those who have not signed in, which [`before_sign_in`]
/// or a journey opens.
///
/// [`before_sign_in`]: what_is_seen_before_signing_in
const NO_PAGES: &[&str] = &[
    "/",
    "/set-up",
    "/sign-in",
    "/sign-in/code",
    "/forgotten",
    "/new-password",
    "/users/export.csv",
    "/audit/export.csv",
    "/live/events",
    "/users/dots",
];

/// States of a page that have an address and deserve a look of their own.
const STATES: &[(&str, &str)] = &[
    ("/users?q=nobody-is-called-so", "users.empty"),
    ("/users/{user}/why?event=incoming", "why.incoming"),
    ("/users/{user}/why?event=sign_in", "why.sign-in"),
    ("/no-such-page", "fault.not-found"),
];

/// Far above what the console has; a crawl that goes on and on is a fault.
const PAGES_MAX: usize = 200;

#[test]
fn every_page_is_quiet_accessible_and_at_home() {
    let site = Site::demo();
    let _phones = furnish(&site);
    let visit = site.administrator();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    // The user of this kind of page is Asha, of whom there is most to see.
    let user = site.server.text("/users/0/id");
    let mut waiting = VecDeque::from(["/users".to_owned(), format!("/users/{user}")]);
    while let Some(path) = waiting.pop_front() {
        if !seen.insert(pattern(&path)) {
            continue;
        }
        assert!(seen.len() < PAGES_MAX, "{seen:?}");
        visit.go(&path);
        visit.assert_quiet();
        wrong.extend(visit.look(&name(&pattern(&path))));
        visit.assert_quiet();
        waiting.extend(links(&visit));
    }
    for (path, name) in STATES {
        visit.go(&path.replace("{user}", &user));
        wrong.extend(visit.look(name));
        visit.assert_quiet_but_for_statuses();
    }
    let unseen: Vec<_> = routes().into_iter().filter(|route| !seen.contains(route)).collect();
    wrong.extend(unseen.iter().map(|route| format!("{route}: no link leads to it")));
    assert_none(&wrong);
}

#[test]
fn what_is_seen_before_signing_in() {
    let site = Site::demo();
    let visit = site.visit();
    visit.go("/sign-in");
    let mut wrong = visit.look("sign-in");
    visit.assert_quiet();
    visit.browser.fill("#login", "asha");
    visit.browser.fill("#password", "not the password");
    visit.browser.press("Sign in");
    visit.browser.until("document.querySelector('[role=alert]')");
    wrong.extend(visit.look("sign-in.refused"));
    visit.assert_quiet_but_for_statuses();
    for (path, name) in [("/forgotten", "forgotten"), ("/new-password?token=x", "new-password")] {
        visit.go(path);
        wrong.extend(visit.look(name));
        visit.assert_quiet_but_for_statuses();
    }
    assert_none(&wrong);
}

#[test]
fn what_an_agent_sees() {
    let site = Site::demo();
    let visit = site.user(0);
    assert_eq!(visit.path(), "/me");
    let mut wrong = visit.look("agent.me");
    visit.assert_quiet();
    visit.go("/users");
    wrong.extend(visit.look("fault.forbidden"));
    visit.assert_quiet_but_for_statuses();
    assert_none(&wrong);
}

/// One of everything, so that every kind of page has something to show; and two phones that talk.
fn furnish(site: &Site) -> [DeskPhone; 2] {
    let create = |path: &str, body: Value| {
        let (status, answer) = site.server.ask("POST", &format!("/api/v1{path}"), &body);
        assert_eq!(status, 201, "{path}: {answer}");
    };
    create("/blocked-numbers", json!({ "number": "+919812345678" }));
    let nights = json!({ "rows": [{ "days": ["mon", "fri"], "from": "22:00", "to": "06:00" }] });
    create("/trunks", json!({ "name": "Carrier", "host": "127.0.0.1:9", "active": false }));
    let hook = json!({ "name": "CRM", "url": "https://example.com/hook", "active": false });
    create("/webhooks", hook);
    create("/shift-templates", json!({ "name": "Nights", "shift": nights }));
    let mut asha = DeskPhone::registered(&site.server, "101");
    let mut ravi = DeskPhone::registered(&site.server, "102");
    assert_eq!(asha.refused("299"), 404);
    let invite = asha.call("102");
    ravi.pick_up();
    asha.answered(&invite);
    ravi.expect(Method::Ack);
    [asha, ravi]
}

/// The same address with a place in it for whatever it names.
fn pattern(path: &str) -> String {
    let path = path.split(['?', '#']).next().unwrap();
    let is_id = |part: &str| part.len() == 36 && part.split('-').count() == 5;
    let parts: Vec<_> = path.split('/').map(|it| if is_id(it) { "{id}" } else { it }).collect();
    parts.join("/")
}

/// A file's name for a page.
fn name(pattern: &str) -> String {
    pattern.trim_matches('/').replace('/', ".").replace(['{', '}'], "")
}

/// Where this page's links lead, on this host; downloads are none.
fn links(visit: &Visit) -> Vec<String> {
    let found = visit.browser.run(
        "return Array.from(document.links, (it) => new URL(it.href)).filter((it) =>
            it.origin === location.origin && !it.pathname.endsWith('.csv'))
            .map((it) => it.pathname + it.search);",
        &[],
    );
    found.as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

/// The addresses the console answers a GET at, as its router is written.
fn routes() -> Vec<String> {
    let lines = ROUTES.lines().filter_map(|line| line.trim().strip_prefix(".route(\""));
    let gets = lines.filter_map(|line| {
        let (path, methods) = line.split_once("\", ")?;
        methods.starts_with("get(").then(|| path.to_owned())
    });
    let found: Vec<_> = gets.filter(|path| !NO_PAGES.contains(&path.as_str())).collect();
    assert!(found.len() > 10, "the router is written differently now: {found:?}");
    found
}
