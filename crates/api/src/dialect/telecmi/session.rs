//! TeleCMI's tokens: a user's from login, an app's from `token`, and what a user does with his:
//! choosing the number he calls out with.

use std::net::IpAddr;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use directory::{Options, SecondFactorShown, SignIn, SignInError};
use domain::caller::Who;
use domain::change::Change;
use domain::credential::{Credential, Proof, Voice};
use domain::id::{AccountId, CredentialId, UserId};
use domain::patch::UserPatch;
use domain::phone::{Country, PhoneNumber};
use domain::resource::Number;
use domain::secret::{Secret, TokenHash};
use domain::text::Name;
use domain::user::User;
use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::envelope::Failure;
use super::request::{App, SignedInUser, id_of, split_id, text, user_on};
use super::version::Version;
use crate::reply::Reply;
use crate::state::Api;

/// How long the vendor's tokens live.
const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

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

/// A further secret of the app that lives for thirty days: what the vendor calls an access token.
///
/// It is derived from the secret shown and the day, so that however often a client asks, the app
/// has one a day; and it lives no longer than the secret it was derived from.
pub(super) async fn admin_token(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let now = api.directory.clock().now();
    let day = now.strftime("%Y-%m-%d").to_string();
    let secret = derived(&text(request, &["secret"])?, &day)?;
    let hash = TokenHash::of(&secret);
    let proof = Proof::App { app_id: app.id, secret: hash };
    let known = |it: &Credential| it.is_valid_at(now) && it.proof == proof;
    if !app.account.credentials.values().any(|it| known(it)) {
        let Who::Credential(own) = app.caller.who else { return Err(Failure::NotAllowed) };
        let own = app.account.credentials.get(&own).ok_or(Failure::Unrecognised)?;
        let ends = now.checked_add(LIFETIME).unwrap_or(jiff::Timestamp::MAX);
        let credential = Credential {
            id: CredentialId(api.directory.new_id()),
            name: Name::parse(&format!("TeleCMI token of {day}")).map_err(|_| Failure::Internal)?,
            proof,
            created_at: now,
            expires_at: Some(own.expires_at.map_or(ends, |end| end.min(ends))),
            ..(**own).clone()
        };
        api.directory.create_resource(credential.into(), &app.caller, Options::default()).await?;
    }
    Ok(Reply::ok(json!({ "secret": secret, "expiresIn": "30d", "code": version.code(200) })))
}

fn derived(secret: &str, day: &str) -> Result<String, Failure> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Failure::Internal)?;
    mac.update(b"telecmi token ");
    mac.update(day.as_bytes());
    Ok(BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
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
