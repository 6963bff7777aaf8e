//! CallerDesk's sign-in: a panel user's e-mail address and password against a key.
//!
//! The vendor answers the account's own key, which is kept here as a hash only; so the key answered
//! is the user's, with his rights, and ends with his session.

use std::net::IpAddr;

use directory::{SecondFactorShown, SignIn, SignInError};
use domain::credential::Voice;
use domain::read;
use domain::secret::Secret;
use jiff::SignedDuration;
use serde_json::json;

use super::envelope::{self, Failure, success};
use super::fields;
use super::request::Parameters;
use crate::reply::Reply;
use crate::state::Api;

/// The vendor's key never ends; an app is expected to ask again once a month.
const LIFETIME: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) async fn sign_in(
    parameters: &Parameters<'_>,
    address: Option<IpAddr>,
    api: &Api,
) -> Result<Reply, Failure> {
    let email = parameters.required("email")?;
    // As it was set: spaces around a password are part of it.
    let password = parameters.value("pwd").ok_or(Failure::Missing("pwd"))?;
    let password = read::text(&password).map_err(|_| Failure::WrongSignIn)?;
    // Users of other voices may have a sign-in name that is no address.
    let mut users = api.directory.users_by_email(&email);
    users.extend(api.directory.users_by_login(&email));
    users.sort_unstable();
    users.dedup();
    let attempt = SignIn {
        users,
        name: email.into(),
        password: Secret::new(&*password),
        voice: Voice::CallerDesk,
        address,
        lifetime: LIFETIME,
        // The vendor's call has no place for a code, so whoever owes one cannot use it.
        second_factor: SecondFactorShown::No,
    };
    let signed_in = api.directory.sign_in(attempt).await.map_err(|error| refused(error, api))?;
    let (user, token) = (signed_in.user, signed_in.token);
    let deployment = api.directory.deployment();
    let account = deployment.account(user.account).ok_or(Failure::Internal)?;
    let mut body = success(Some("Login successfully"), [("authcode", json!(token.expose()))]);
    if let (Some(body), Some(member)) =
        (body.as_object_mut(), fields::shown(&user, account).as_object())
    {
        body.extend(
            SHOWN.iter().filter_map(|key| Some(((*key).to_owned(), member.get(*key)?.clone()))),
        );
    }
    Ok(envelope::labelled(Reply::ok(body), account))
}

/// What the answer says of who signed in.
const SHOWN: &[&str] = &["member_id", "member_name", "member_email", "member_num", "access"];

fn refused(error: SignInError, api: &Api) -> Failure {
    match error {
        SignInError::Wrong { .. } => Failure::WrongSignIn,
        SignInError::Locked { until } => Failure::locked(until, api),
        SignInError::Refused(_) => Failure::Inactive,
        SignInError::SecondFactorOwed { .. } => Failure::SecondFactorOwed,
        SignInError::Directory(error) => error.into(),
    }
}
