//! TeleCMI's access token of an app: a further secret of it, from `token`, that lives thirty days.
//!
//! It is derived from the secret shown and the day, so that however often a client asks, the app
//! has one a day. It ends with the secret it was derived from, and one that was revoked is never
//! given out again.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use directory::Options;
use domain::caller::Who;
use domain::credential::{Credential, Proof};
use domain::id::CredentialId;
use domain::secret::TokenHash;
use domain::snapshot::Snapshot;
use domain::text::Name;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use sha2::Sha256;

use super::envelope::Failure;
use super::request::{App, text};
use super::session::LIFETIME;
use super::version::Version;
use crate::reply::Reply;
use crate::state::Api;

/// Tokens of one secret and day that may be revoked before there are no further ones.
const REVOKED_MAX: u32 = 100;

/// What there is of a token.
enum Token {
    Opens,
    Revoked,
    Unknown,
}

pub(super) async fn give(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let shown = text(request, &["secret"])?;
    let now = api.directory.clock().now();
    let day = now.strftime("%Y-%m-%d").to_string();
    for number in 0..REVOKED_MAX {
        let secret = derived(&shown, &day, number)?;
        let proof = Proof::App { app_id: app.id, secret: TokenHash::of(&secret) };
        match find(&app.account, &proof, now) {
            Token::Opens => {}
            Token::Revoked => continue,
            Token::Unknown => create(proof, &day, now, app, api).await?,
        }
        let code = version.code(200);
        return Ok(Reply::ok(json!({ "secret": secret, "expiresIn": "30d", "code": code })));
    }
    Err(Failure::NotAllowed)
}

fn find(account: &Snapshot, proof: &Proof, now: Timestamp) -> Token {
    match account.credentials.values().find(|it| it.proof == *proof) {
        Some(credential) if account.opens(credential, now) => Token::Opens,
        Some(_) => Token::Revoked,
        None => Token::Unknown,
    }
}

async fn create(
    proof: Proof,
    day: &str,
    now: Timestamp,
    app: &App,
    api: &Api,
) -> Result<(), Failure> {
    let Who::Credential(own) = app.caller.who else { return Err(Failure::NotAllowed) };
    let own = app.account.credentials.get(&own).ok_or(Failure::Unrecognised)?;
    let ends = now.checked_add(LIFETIME).unwrap_or(Timestamp::MAX);
    // An account may have several secrets, each with its own token of the day.
    let name = format!("TeleCMI token of {day}, from credential {}", own.serial);
    let credential = Credential {
        id: CredentialId(api.directory.new_id()),
        name: Name::parse(&name).map_err(|_| Failure::Internal)?,
        proof: proof.clone(),
        created_at: now,
        expires_at: Some(own.expires_at.map_or(ends, |end| end.min(ends))),
        derived_from: Some(own.derived_from.unwrap_or(own.id)),
        ..(**own).clone()
    };
    let resource = credential.into();
    match api.directory.create_resource(resource, &app.caller, Options::default()).await {
        Ok(_) => Ok(()),
        Err(error) => {
            // Somebody may have asked for the same at the same time.
            let account = api.directory.account(&app.caller)?;
            match find(&account, &proof, now) {
                Token::Opens => Ok(()),
                Token::Revoked | Token::Unknown => Err(error.into()),
            }
        }
    }
}

fn derived(secret: &str, day: &str, number: u32) -> Result<String, Failure> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).map_err(|_| Failure::Internal)?;
    mac.update(b"telecmi token ");
    mac.update(day.as_bytes());
    mac.update(&number.to_be_bytes());
    Ok(BASE64_URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}
