//! TeleCMI's tokens of users, from login, and what a user does with his: choosing the number he
//! calls out with. Tokens of apps are in `app_token`.

use std::net::IpAddr;

use directory::{Options, SecondFactorShown, SignIn, SignInError};
use domain::change::Change;
use domain::credential::Voice;
use domain::id::{AccountId, UserId};
use domain::patch::UserPatch;
use domain::phone::{Country, PhoneNumber};
use domain::resource::Number;
use domain::secret::Secret;
use domain::user::User;
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::envelope::Failure;
use super::request::{SignedInUser, id_of, split_id, text, user_on};
use super::version::Version;
use crate::reply::Reply;
use crate::state::Api;

/// How long the vendor's tokens live.
pub(super) const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

/// A user signs in with his id and password.
pub(super) async fn login(
    request: &Map<String, Value>,
    version: Version,
    address: Option<IpAddr>,
    api: &Api,
) -> Result<Reply, Failure> {
    let (id, password) = (text(request, &["id", "agent_id"])?, text(request, &["password"])?);
    let attempt = SignIn {
        users: users_of(&id, api),
        name: id.as_str().into(),
        password: Secret::new(password),
        voice: Voice::TeleCmi,
        address,
        lifetime: LIFETIME,
        // The vendor's call has no place for a code, so whoever owes one cannot use it.
        second_factor: SecondFactorShown::No,
    };
    let signed_in = api.directory.sign_in(attempt).await.map_err(refused)?;
    let user = signed_in.user;
    let app = split_id(&id).map(|(_, app)| app).unwrap_or_default();
    Ok(Reply::ok(json!({
        "code": version.code(200),
        "msg": "User loged in successfully",
        "token": signed_in.token.expose(),
        "agent": {
            "category": category(&user, api),
            "id": id_of(&user, app),
            "inet_no": user.telephone.extension.map(|it| it.to_string()),
            "name": user.name(),
        },
    })))
}

fn users_of(id: &str, api: &Api) -> Vec<(AccountId, UserId)> {
    let deployment = api.directory.deployment();
    let found = split_id(id).and_then(|(extension, app)| {
        let account = deployment.by_app(app)?;
        Some((account.account.id, user_on(account, extension)?.id))
    });
    found.into_iter().collect()
}

fn refused(error: SignInError) -> Failure {
    match error {
        SignInError::Wrong { .. } => Failure::Unrecognised,
        SignInError::Locked { .. } => Failure::Locked,
        SignInError::Refused(_) | SignInError::SecondFactorOwed { .. } => Failure::NotAllowed,
        SignInError::Directory(error) => error.into(),
    }
}

/// Which of the vendor's price lists the account would be on.
fn category(user: &User, api: &Api) -> &'static str {
    let deployment = api.directory.deployment();
    let india = Country::parse("IN").ok();
    let country = deployment.account(user.account).map(|it| it.account.country);
    if country == india { "inr" } else { "usd" }
}

/// Numbers granted to the user.
pub(super) fn caller_ids(version: Version, by: &SignedInUser) -> Reply {
    // Price and capacity belong to the vendor's trunks; ours have neither.
    let numbers: Vec<Value> = granted(by)
        .map(|number| {
            let pstn = number.number.digits().parse::<u64>().ok();
            json!({ "pstn": pstn, "price": 0, "capacity": 0, "profile": "0" })
        })
        .collect();
    Reply::ok(json!({ "code": version.code(200), "callerid": numbers }))
}

fn granted(by: &SignedInUser) -> impl Iterator<Item = &Number> {
    let granted = &by.user.outgoing.caller_ids;
    granted.iter().filter_map(|id| by.account.number(*id).map(AsRef::as_ref))
}

/// The user chooses one of his numbers.
pub(super) async fn set_caller_id(
    request: &Map<String, Value>,
    version: Version,
    by: &SignedInUser,
    api: &Api,
) -> Result<Reply, Failure> {
    let asked = text(request, &["callerid"])?;
    let phone = PhoneNumber::parse(&asked, by.account.account.country)
        .map_err(|_| Failure::NoSuchNumber)?;
    let number = granted(by)
        .find(|number| number.number.same_national(&phone))
        .ok_or(Failure::NoSuchNumber)?;
    let patch = UserPatch { routing_caller_id: Change::Set(number.id), ..UserPatch::default() };
    api.directory.change_user(by.user.id, patch, &by.caller, Options::default()).await?;
    Ok(Reply::ok(json!({
        "code": version.code(200),
        "msg": "caller ID updated successfully",
        "callerid": number.number.digits(),
    })))
}
