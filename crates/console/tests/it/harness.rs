//! A router over a directory with one account and three users, and a browser that keeps cookies.
//! No assertion.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use console::{ClientAddress, Console, ConsoleConfig, router};
use directory::{Clock, Directory, Founded, Founding, NewUser, Options};
use domain::caller::Caller;
use domain::change::Change;
use domain::extension::Extension;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::phone::Country;
use domain::secret::PlainPassword;
use domain::text::{Login, Name};
use domain::user::User;
use domain::zone::TimeZone;
use http_body_util::BodyExt;
use store::Store;
use tower::ServiceExt;

pub(crate) const PASSWORD: &str = "Initial-pw-1";

pub(crate) struct Harness {
    pub(crate) directory: Directory,
    pub(crate) founded: Founded,
    pub(crate) operator: Caller,
    /// Asha, Ravi and Meera on 101, 102 and 103.
    pub(crate) users: Vec<UserId>,
    pub(crate) router: Router,
}

pub(crate) async fn harness() -> Harness {
    let directory = empty().await;
    let founding = Founding {
        name: Name::parse("Demo").unwrap(),
        country: Country::parse("IN").unwrap(),
        time_zone: TimeZone::parse("Asia/Kolkata").unwrap(),
        app_id: None,
    };
    let founded = directory.found_account(founding).await.unwrap();
    let operator = Caller::operator(founded.account.id);
    let mut users = Vec::new();
    for (name, extension) in [("Asha", "101"), ("Ravi", "102"), ("Meera", "103")] {
        users.push(user(&directory, &operator, name, extension).await);
    }
    let router = routed(&directory);
    Harness { directory, founded, operator, users, router }
}

pub(crate) async fn empty() -> Directory {
    Directory::start(Store::in_memory().unwrap(), Clock::system()).await.unwrap()
}

pub(crate) fn routed(directory: &Directory) -> Router {
    router(Arc::new(Console::new(directory.clone(), ConsoleConfig::default())))
}

async fn user(directory: &Directory, caller: &Caller, name: &str, extension: &str) -> UserId {
    let patch = UserPatch {
        first_name: Change::Set(Name::parse(name).unwrap()),
        extension: Change::Set(Extension::parse(extension).unwrap()),
        login: Change::Set(Login::parse(&name.to_lowercase()).unwrap()),
        password: Change::Set(PlainPassword::parse(PASSWORD).unwrap()),
        ..UserPatch::default()
    };
    let new = NewUser {
        patch: directory.seal_new(patch).await.unwrap(),
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: false,
    };
    directory.create_user(new, caller, Options::default()).await.unwrap().after.id
}

impl Harness {
    pub(crate) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookies: BTreeMap::new() }
    }

    /// A browser with the administrator's session.
    pub(crate) async fn administrator(&self) -> Browser {
        let mut browser = self.browser();
        browser.sign_in("admin", self.founded.password.expose()).await;
        browser
    }

    pub(crate) fn seen(&self, user: UserId) -> Arc<User> {
        Arc::clone(self.directory.account(&self.operator).unwrap().user(user).unwrap())
    }

    pub(crate) async fn change(&self, user: UserId, patch: UserPatch) {
        let options = Options::default();
        self.directory.change_user(user, patch, &self.operator, options).await.unwrap();
    }
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Page {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(header::LOCATION).map_or("", |place| place.to_str().unwrap())
    }

    /// The value of the first field of this name.
    pub(crate) fn field(&self, name: &str) -> String {
        self.fields(name).into_iter().next().unwrap_or_default()
    }

    pub(crate) fn fields(&self, name: &str) -> Vec<String> {
        let mark = format!("name=\"{name}\"");
        let rest = self.text.split(&mark).skip(1);
        let tags = rest.map(|rest| rest.split('>').next().unwrap());
        let values = tags.filter_map(|tag| tag.split("value=\"").nth(1));
        values.map(|value| value.split('"').next().unwrap().to_owned()).collect()
    }
}

/// Keeps cookies, follows no redirect.
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn on(directory: &Directory) -> Self {
        Self { router: routed(directory), cookies: BTreeMap::new() }
    }

    /// The same browser on another router.
    pub(crate) fn with(self, router: Router) -> Self {
        Self { router, ..self }
    }

    pub(crate) async fn get(&mut self, path: &str) -> Page {
        self.ask(Request::get(path), String::new()).await
    }

    /// Sends a form with the token of the page it would be on.
    pub(crate) async fn post(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let form_page =
            if self.cookies.contains_key("rollcall_session") { "/me" } else { "/sign-in" };
        let shown = self.get(form_page).await;
        let shown = match shown.location().to_owned() {
            place if place.is_empty() => shown,
            place => self.get(&place).await,
        };
        let token = shown.field("csrf");
        let pairs: Vec<_> = pairs.iter().copied().chain([("csrf", token.as_str())]).collect();
        self.post_bare(path, &pairs).await
    }

    pub(crate) async fn post_bare(&mut self, path: &str, pairs: &[(&str, &str)]) -> Page {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        let request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request, body).await
    }

    pub(crate) async fn sign_in(&mut self, login: &str, password: &str) -> Page {
        self.post("/sign-in", &[("login", login), ("password", password)]).await
    }

    async fn ask(&mut self, request: axum::http::request::Builder, body: String) -> Page {
        let cookies: Vec<_> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let request = request
            .header(header::COOKIE, cookies.join("; "))
            .extension(ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)))
            .body(Body::from(body))
            .unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let (name, rest) = cookie.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Page { status: parts.status, headers: parts.headers, text }
    }
}
