//! Registered devices: which there are, and removing them.

use axum::body::Body;
use axum::http::Response;
use domain::id::Serial;

use super::answer::page;
use super::asked::Asked;
use super::calls::ended;
use super::calls_shown::write_registration;
use super::problem::Problem;
use super::users::named;

/// A page ends with a user: all his devices stand on one page, so that it may be a few longer.
pub(crate) fn list(asked: &Asked) -> Result<Response<Body>, Problem> {
    let limit = asked.limit()?;
    let serial = |text: &str| text.parse().ok().map(Serial);
    let after = asked.parsed("cursor", "a cursor of an earlier page", serial)?.unwrap_or_default();
    let devices = asked.directory().registrations(after, limit, &asked.caller)?;
    let account = asked.account()?;
    let next = devices.last().filter(|_| devices.len() >= limit).map(|it| it.user.0.to_string());
    Ok(page(&devices, next, |out, device| write_registration(out, device, &account)))
}

pub(crate) fn of_user(asked: &Asked) -> Result<Response<Body>, Problem> {
    let account = asked.account()?;
    let user = named(asked, &account)?.id;
    let devices = asked.directory().registrations_of(user, &asked.caller)?;
    Ok(page(&devices, None, |out, device| write_registration(out, device, &account)))
}

pub(crate) fn remove(asked: &Asked) -> Result<Response<Body>, Problem> {
    asked.not_dry("a registration")?;
    let account = asked.account()?;
    let user = named(asked, &account)?.id;
    let contact = asked.query("contact");
    let removed = asked.directory().drop_registrations(user, contact.as_deref(), &asked.caller)?;
    Ok(ended("registrations", removed))
}
