//! The account itself: its defaults and switches. Never its realm, and not whether it is active.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use domain::account::Account;
use domain::phone::Country;
use domain::policy::endings::Ended;
use domain::refusal::Refusal;
use serde_json::{Map, Value};

use super::answer::{Changed, json, tagged, write};
use super::asked::Asked;
use super::fields::{self, Basis};
use super::kinds::ACCOUNT;
use super::problem::{FieldError, Problem};

pub(crate) fn read(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let mut out = Vec::new();
    write(&mut out, &fields::shown(ACCOUNT, &stored(&account.account)));
    Ok(tagged(json(StatusCode::OK, out), account.account.version))
}

pub(crate) async fn change(asked: &Asked) -> Result<Response<Body>, Problem> {
    let body = asked.object()?;
    let account = asked.account()?;
    let options = asked.options(account.account.version)?;
    check(&body, &account.account)?;
    // What reads into this account reads into any later state of it.
    let edit = move |before: &Account| merged(&body, before).unwrap_or_else(|_| before.clone());
    let change = asked.directory().change_account(edit, &asked.caller, options).await?;
    let changed = Changed {
        version: change.after.version,
        diff: &change.diff,
        ended: Ended::default(),
        sequence: change.sequence,
        dry_run: asked.dry_run,
    };
    let shown = fields::shown(ACCOUNT, &stored(&change.after));
    Ok(changed.response(StatusCode::OK, |out| write(out, &shown)))
}

/// Every bad field at once.
fn check(body: &Map<String, Value>, before: &Account) -> Result<(), Problem> {
    let known = fields::shown(ACCOUNT, &stored(before));
    let mut errors = fields::foreign(ACCOUNT, body, Some(&known), "an account");
    if let Err(refusals) = merged(body, before) {
        errors.extend(refusals.iter().map(FieldError::from));
    }
    if errors.is_empty() { Ok(()) } else { Err(Problem::refused(errors)) }
}

fn merged(body: &Map<String, Value>, before: &Account) -> Result<Account, Vec<Refusal>> {
    let country: Country = before.country;
    let read = |fields: &Map<String, Value>| {
        serde_json::from_value::<Account>(Value::Object(fields.clone()))
    };
    let basis = Basis { country, new: false };
    let after = fields::patched(ACCOUNT, &stored(before), body, basis, |it| read(it).is_ok())?;
    read(&after).map_err(|_| Vec::new())
}

fn stored(account: &Account) -> Map<String, Value> {
    match serde_json::to_value(account) {
        Ok(Value::Object(stored)) => stored,
        Ok(_) | Err(_) => Map::new(),
    }
}
