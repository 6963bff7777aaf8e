//! Tokens: permanent ones, and those a user gets by his password —
//! <https://docs.smartflo.tatatelebusiness.com/reference/generate-a-token> and
//! <https://api-docs.acefone.co.uk/reference/getting-started> (read 2026-11).

use axum::http::StatusCode;
use directory::{SecondFactorShown, SignIn, SignInError, Unrecognised};
use domain::caller::{Caller, Who};
use domain::credential::Voice;
use domain::read;
use domain::secret::Secret;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Asked, body, envelope};
use crate::reply::Reply;
use crate::request::Incoming;
use crate::state::Api;

/// Seconds a token lasts that a login gives out.
const TOKEN_SECONDS: i64 = 3_600;
/// The vendor asks for a new password every so many days; here no password runs out.
const DAYS_LEFT: u32 = 90;

/// `Bearer <token>` and the bare token are both used by working clients.
pub(super) fn caller(api: &Api, incoming: &Incoming, voice: Voice) -> Result<Caller, Reply> {
    let shown = incoming.header("authorization").unwrap_or_default();
    let token = match shown.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) | None => shown.trim(),
    };
    by_token(api, incoming, voice, token)
}

/// The support variant of click-to-call has its key in the body and no header.
pub(super) fn by_key(api: &Api, incoming: &Incoming, voice: Voice) -> Result<Caller, Reply> {
    let fields = body(incoming)?;
    let key = fields.get("api_key").and_then(|key| read::text(key).ok()).unwrap_or_default();
    by_token(api, incoming, voice, key.trim())
}

fn by_token(api: &Api, incoming: &Incoming, voice: Voice, token: &str) -> Result<Caller, Reply> {
    if token.is_empty() {
        return Err(envelope::bad_token());
    }
    let signed_in = api.directory.by_session(token, voice, incoming.address);
    let caller = match signed_in {
        Ok((caller, _)) => Ok(caller),
        // The token is a good one; asked for as an account's it would count as a guess.
        Err(Unrecognised::Inactive) => Err(Unrecognised::Inactive),
        Err(Unrecognised::Wrong | Unrecognised::Address | Unrecognised::Locked { .. }) => {
            api.directory.by_token(token, voice, incoming.address)
        }
    };
    caller.map_err(|why| match why {
        Unrecognised::Wrong => envelope::bad_token(),
        Unrecognised::Inactive => envelope::error(StatusCode::FORBIDDEN, "The account is inactive"),
        Unrecognised::Address => {
            envelope::error(StatusCode::FORBIDDEN, "This token may not be used from this address")
        }
        Unrecognised::Locked { until } => wait(api, until),
    })
}

fn wait(api: &Api, until: jiff::Timestamp) -> Reply {
    envelope::throttled(until.duration_since(api.directory.clock().now()).as_secs())
}

/// `email` is the login id, not necessarily an address; the UK calls it `login_id`.
pub(super) async fn login(api: &Api, incoming: &Incoming, voice: Voice) -> Reply {
    let fields = match body(incoming) {
        Ok(fields) => fields,
        Err(reply) => return reply,
    };
    let text = |key: &str| {
        let value = fields.get(key).filter(|value| !value.is_null())?;
        read::text(value).ok().map(String::from).filter(|text| !text.trim().is_empty())
    };
    let name = text("login_id").or_else(|| text("email")).map(|name| name.trim().to_owned());
    // A password is taken as it was typed, as where it is set.
    let (Some(name), Some(password)) = (name, text("password")) else {
        return envelope::bad("The email and password fields are required.");
    };
    let attempt = SignIn {
        users: api.directory.users_by_login(&name),
        name: name.into(),
        password: Secret::new(password),
        voice,
        address: incoming.address,
        lifetime: SignedDuration::from_secs(TOKEN_SECONDS),
        second_factor: SecondFactorShown::No,
    };
    match api.directory.sign_in(attempt).await {
        Ok(signed_in) => Reply::ok(token(signed_in.token.expose())),
        Err(error) => refused(api, error),
    }
}

fn token(token: &str) -> Value {
    json!({
        "success": true,
        "access_token": token,
        "token_type": "bearer",
        "expires_in": TOKEN_SECONDS,
        "number_of_days_left": DAYS_LEFT,
    })
}

fn refused(api: &Api, error: SignInError) -> Reply {
    match error {
        SignInError::Wrong { failures } => Reply::new(
            StatusCode::UNAUTHORIZED,
            json!({
                "success": false,
                "message": "The username or password is incorrect.",
                "login_failed_count": failures,
            }),
        ),
        SignInError::Locked { until } => wait(api, until),
        SignInError::Refused(_) | SignInError::SecondFactorOwed { .. } => {
            envelope::error(StatusCode::UNAUTHORIZED, "Invalid credentials")
        }
        SignInError::Directory(error) => envelope::failed(error, "User"),
    }
}

/// A new token for the old one, which ends. A permanent token has nothing to refresh.
pub(super) async fn refresh(asked: &Asked<'_>) -> Result<Reply, Reply> {
    let Who::User { .. } = asked.caller.who else {
        return Err(envelope::bad("A permanent token can not be refreshed"));
    };
    let lifetime = SignedDuration::from_secs(TOKEN_SECONDS);
    let renewed = asked.api.directory.renew_session(&asked.caller, lifetime).await;
    let renewed = renewed.map_err(|error| envelope::failed(error, "User"))?;
    Ok(Reply::ok(token(renewed.token.expose())))
}

pub(super) async fn logout(asked: &Asked<'_>) -> Result<Reply, Reply> {
    asked.api.directory.sign_out(&asked.caller).await;
    Ok(envelope::success("Successfully logged out"))
}
