//! A router over a directory with one account, three users, a number and a group; and requests to
//! it. No assertion.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use api::request::ClientAddress;
use api::{Api, ApiConfig, router};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, Response, StatusCode};
use directory::{Clock, Directory, Founded, Founding, NewUser, Options};
use domain::caller::Caller;
use domain::change::Change;
use domain::extension::Extension;
use domain::id::{AccountId, NumberId, Serial, TeamId, UserId};
use domain::patch::UserPatch;
use domain::phone::{Country, PhoneNumber};
use domain::resource::{Number, Resource, RingStrategy, Team, TeamKind};
use domain::secret::PlainPassword;
use domain::setting::Setting;
use domain::text::{Login, Name};
use domain::user::User;
use domain::zone::TimeZone;
use http_body_util::BodyExt;
use serde_json::Value;
use store::Store;
use tower::ServiceExt;

pub(crate) struct Harness {
    pub(crate) directory: Directory,
    pub(crate) founded: Founded,
    pub(crate) operator: Caller,
    /// On extensions 101, 102 and 103.
    pub(crate) users: Vec<UserId>,
    pub(crate) number: NumberId,
    pub(crate) group: TeamId,
    router: Router,
}

/// A whole answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("not JSON: {}", self.text))
    }
}

pub(crate) async fn harness() -> Harness {
    harness_with(ApiConfig::default()).await
}

pub(crate) async fn harness_with(config: ApiConfig) -> Harness {
    let directory = Directory::start(Store::in_memory().unwrap(), Clock::system()).await.unwrap();
    let founded = found(&directory, "Demo", Some(1_111_112)).await;
    let operator = Caller::operator(founded.account.id);
    let mut users = Vec::new();
    for extension in ["101", "102", "103"] {
        users.push(create_user(&directory, &operator, extension).await);
    }
    let number = create(&directory, &operator, number("+918045678901")).await;
    let group = create(&directory, &operator, team(TeamKind::Group, "Sales")).await;
    let router = routed(&directory, config);
    let (number, group) = (NumberId(number.id()), TeamId(group.id()));
    Harness { directory, founded, operator, users, number, group, router }
}

fn routed(directory: &Directory, config: ApiConfig) -> Router {
    let api = Api::new(directory.clone(), config);
    router(Arc::new(api), Router::new())
}

pub(crate) async fn found(directory: &Directory, name: &str, app_id: Option<u32>) -> Founded {
    let founding = Founding {
        name: Name::parse(name).unwrap(),
        country: Country::parse("IN").unwrap(),
        time_zone: TimeZone::parse("Asia/Kolkata").unwrap(),
        app_id,
    };
    directory.found_account(founding).await.unwrap()
}

/// A user called Asha Rao with the extension, login `user<extension>` and phone +9191000 00<extension>.
pub(crate) async fn create_user(directory: &Directory, caller: &Caller, extension: &str) -> UserId {
    let password = || PlainPassword::parse("Initial-pw-1").unwrap();
    let country = Country::parse("IN").unwrap();
    let phone = format!("+919100000{extension}");
    let mut patch = UserPatch {
        extension: Change::Set(Extension::parse(extension).unwrap()),
        login: Change::Set(Login::parse(&format!("user{extension}")).unwrap()),
        phone: Change::Set(PhoneNumber::parse(&phone, country).unwrap()),
        password: Change::Set(password()),
        sip_password: Change::Set(password()),
        ..UserPatch::default()
    };
    patch.set_name("Asha Rao").unwrap();
    let new = NewUser {
        patch: directory.seal_new(patch).await.unwrap(),
        id: UserId(directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: false,
    };
    directory.create_user(new, caller, Options::default()).await.unwrap().after.id
}

pub(crate) async fn create(directory: &Directory, caller: &Caller, it: Resource) -> Resource {
    directory.create_resource(it, caller, Options::default()).await.unwrap().after
}

/// A number; ids are given by the directory.
pub(crate) fn number(e164: &str) -> Resource {
    let country = Country::parse("IN").unwrap();
    Resource::Number(Number {
        id: NumberId(uuid::Uuid::nil()),
        serial: Serial(0),
        account: AccountId(uuid::Uuid::nil()),
        version: 0,
        number: PhoneNumber::parse(e164, country).unwrap(),
        name: None,
        description: None,
        destination: None,
        deleted: false,
    })
}

/// A team; ids are given by the directory.
pub(crate) fn team(kind: TeamKind, name: &str) -> Resource {
    Resource::Team(Team {
        id: TeamId(uuid::Uuid::nil()),
        serial: Serial(0),
        account: AccountId(uuid::Uuid::nil()),
        version: 0,
        kind,
        name: Name::parse(name).unwrap(),
        description: None,
        extension: None,
        strategy: RingStrategy::Parallel,
        ring_seconds: 20,
        order: Vec::new(),
        hours: None,
        failover: None,
        vendor: serde_json::Map::new(),
        deleted: false,
    })
}

/// The value of an `Authorization` header.
pub(crate) fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

impl Harness {
    /// The same directory behind an API that remembers nothing.
    pub(crate) fn reopened(mut self) -> Self {
        self.router = routed(&self.directory, ApiConfig::default());
        self
    }

    /// Sends one request from 127.0.0.1.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let (parts, body) = self.open(method, path, headers, body).await.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// As `send`, with the answer's body still to be read: for streams.
    pub(crate) async fn open(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Response<Body> {
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(body.into()).unwrap();
        let address = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
        request.extensions_mut().insert(address);
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// The router itself, to be served on a socket.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Sends a JSON body.
    pub(crate) async fn send_json(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Value,
    ) -> Answer {
        let headers = [headers, &[("content-type", "application/json")]].concat();
        self.send(method, path, &headers, body.to_string()).await
    }

    /// Sends a JSON body, or none, with the account's native API token.
    pub(crate) async fn native(&self, method: &str, path: &str, body: Option<Value>) -> Answer {
        self.native_with(method, path, &[], body).await
    }

    /// As `native`, with more headers.
    pub(crate) async fn native_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<Value>,
    ) -> Answer {
        let bearer = bearer(self.founded.native.expose());
        let headers = [&[("authorization", bearer.as_str())], headers].concat();
        match body {
            Some(body) => self.send_json(method, path, &headers, body).await,
            None => self.send(method, path, &headers, Body::empty()).await,
        }
    }

    /// A user as he is now.
    pub(crate) fn user(&self, index: usize) -> Arc<User> {
        let account = self.directory.account(&self.operator).unwrap();
        Arc::clone(account.user(self.users[index]).unwrap())
    }

    /// Settings in which two states of a user differ.
    pub(crate) fn changed(before: &User, after: &User) -> Vec<Setting> {
        Setting::ALL.iter().copied().filter(|setting| !setting.same(before, after)).collect()
    }
}
