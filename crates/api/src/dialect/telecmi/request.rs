//! A TeleCMI request before its operation: the parameters in the body, and who sent them.

use std::net::IpAddr;
use std::sync::Arc;

use axum::http::Method;
use directory::Unrecognised;
use domain::caller::Caller;
use domain::credential::{Proof, Voice};
use domain::extension::Extension;
use domain::read;
use domain::snapshot::Snapshot;
use domain::user::User;
use serde_json::{Map, Value};

use super::envelope::Failure;
use crate::request::{BodyFault, Incoming, TooManyPairs, pairs};
use crate::state::Api;

/// A body's parameters, whatever media type it claims to have; of a GET those of its query. Parameters without a value are left
/// out: clients' forms send empty texts for what was not filled in.
pub(super) fn parameters(incoming: &Incoming) -> Result<Map<String, Value>, Failure> {
    let body = match &incoming.body {
        Ok(body) => body,
        Err(BodyFault::TooLarge) => return Err(Failure::TooLarge),
        Err(BodyFault::Unreadable) => return Err(Failure::Unreadable),
    };
    let mut request: Map<String, Value> = match serde_json::from_slice(body) {
        _ if incoming.method == Method::GET => {
            let pairs = incoming.query.iter();
            pairs.map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect()
        }
        Ok(Value::Object(request)) => request,
        Err(_) if incoming.media_type() == "application/x-www-form-urlencoded" => {
            let pairs = pairs(body).map_err(|TooManyPairs| Failure::TooManyPairs)?;
            pairs.into_iter().map(|(key, value)| (key, Value::String(value))).collect()
        }
        Ok(_) | Err(_) => return Err(Failure::Unreadable),
    };
    request.retain(|_, value| match value {
        Value::Null => false,
        Value::String(text) => !text.trim().is_empty(),
        Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => true,
    });
    Ok(request)
}

/// The text of a mandatory parameter under the first of its names that is there.
pub(super) fn text(request: &Map<String, Value>, keys: &[&'static str]) -> Result<String, Failure> {
    let missing = || Failure::Missing(keys.iter().take(1).copied().collect());
    let value = keys.iter().find_map(|key| request.get(*key)).ok_or_else(missing)?;
    read::text(value).map(std::borrow::Cow::into_owned).map_err(|_| missing())
}

/// Refuses a request that lacks mandatory parameters, naming every one.
pub(super) fn require(request: &Map<String, Value>, keys: &[&'static str]) -> Result<(), Failure> {
    let missing: Vec<_> = keys.iter().copied().filter(|key| !request.contains_key(*key)).collect();
    if missing.is_empty() { Ok(()) } else { Err(Failure::Missing(missing)) }
}

/// An app whose id and secret were right, and its account at this moment.
pub(super) struct App {
    pub(super) id: u32,
    pub(super) caller: Caller,
    pub(super) account: Arc<Snapshot>,
}

/// Recognises the app of a request.
pub(super) fn app(
    request: &Map<String, Value>,
    address: Option<IpAddr>,
    api: &Api,
) -> Result<App, Failure> {
    require(request, &["appid", "secret"])?;
    let (id, secret) = (text(request, &["appid"])?, text(request, &["secret"])?);
    // What is no number is no app's id either, and counts as a guess like any other.
    app_by(id.trim().parse().unwrap_or_default(), &secret, address, api)
}

/// Recognises the app of a request that names it in a user's id only.
pub(super) fn app_of_user(
    request: &Map<String, Value>,
    address: Option<IpAddr>,
    api: &Api,
) -> Result<App, Failure> {
    let (user, secret) = (text(request, &["user_id"])?, text(request, &["secret"])?);
    let id = split_id(&user).map(|(_, app)| app).unwrap_or_default();
    app_by(id, &secret, address, api)
}

fn app_by(id: u32, secret: &str, address: Option<IpAddr>, api: &Api) -> Result<App, Failure> {
    let caller = api.directory.by_app(id, secret, address).map_err(unrecognised)?;
    let account = api.directory.account(&caller)?;
    Ok(App { id, caller, account })
}

/// A user who showed a token from login.
pub(super) struct SignedInUser {
    pub(super) caller: Caller,
    pub(super) account: Arc<Snapshot>,
    pub(super) user: Arc<User>,
}

/// Recognises the user of a request.
pub(super) fn signed_in(
    request: &Map<String, Value>,
    address: Option<IpAddr>,
    api: &Api,
) -> Result<SignedInUser, Failure> {
    let token = text(request, &["token"])?;
    let (caller, session) =
        api.directory.by_session(&token, Voice::TeleCmi, address).map_err(unrecognised)?;
    let account = api.directory.account(&caller)?;
    let user = account.user(session.user).cloned().ok_or(Failure::Unrecognised)?;
    Ok(SignedInUser { caller, account, user })
}

fn unrecognised(why: Unrecognised) -> Failure {
    match why {
        Unrecognised::Wrong => Failure::Unrecognised,
        Unrecognised::Inactive | Unrecognised::Address => Failure::NotAllowed,
        Unrecognised::Locked { .. } => Failure::Locked,
    }
}

impl App {
    /// The user whose id the request names, under either of the vendor's names for it.
    pub(super) fn user(&self, request: &Map<String, Value>) -> Result<Arc<User>, Failure> {
        self.user_by_id(&text(request, &["id", "agent_id"])?)
    }

    /// The user of this id.
    pub(super) fn user_by_id(&self, id: &str) -> Result<Arc<User>, Failure> {
        let (extension, app) = split_id(id).ok_or(Failure::NoSuchUser)?;
        let found = user_on(&self.account, extension).filter(|_| app == self.id);
        found.cloned().ok_or(Failure::NoSuchUser)
    }

    /// The vendor's id of a user: `101_1111112`.
    pub(super) fn id_of(&self, user: &User) -> String {
        id_of(user, self.id)
    }
}

/// The app whose id stands in the ids of an account's users; 0 where there is none.
pub(super) fn app_of(account: &Snapshot) -> u32 {
    let apps = account.credentials.values().filter_map(|it| match it.proof {
        Proof::App { app_id, .. } => Some(app_id),
        Proof::Token { .. } | Proof::Basic { .. } => None,
    });
    apps.min().unwrap_or_default()
}

/// The user whose own extension this is; a predictive one is nobody's id.
pub(super) fn user_on(account: &Snapshot, extension: Extension) -> Option<&Arc<User>> {
    let found = account.user_by_extension(extension);
    found.filter(|user| user.telephone.extension == Some(extension))
}

/// Extension and app id.
pub(super) fn split_id(id: &str) -> Option<(Extension, u32)> {
    let (extension, app) = id.trim().split_once('_')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(extension) || !digits(app) {
        return None;
    }
    Some((Extension::parse(extension).ok()?, app.parse().ok()?))
}

pub(super) fn id_of(user: &User, app: u32) -> String {
    let extension = user.telephone.extension.map(|it| it.to_string()).unwrap_or_default();
    format!("{extension}_{app}")
}
