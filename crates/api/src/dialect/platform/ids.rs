//! Ids as the platform writes them — <https://docs.smartflo.tatatelebusiness.com/reference/fetch-single-user>
//! (read 2026-11). Agents and extensions carry the account: 05 or 06, seven digits of the account,
//! at least four of the user.

use std::sync::Arc;

use domain::extension::Extension;
use domain::id::Serial;
use domain::phone::PhoneNumber;
use domain::snapshot::Snapshot;
use domain::user::User;

/// Intercom numbers begin behind this one.
const INTERCOM_BASE: u32 = 1_000;
/// Digits of an agent id at least.
const AGENT_ID_DIGITS: usize = 13;

pub(super) fn agent_id(account: &Snapshot, user: &User) -> String {
    format!("05{:07}{:04}", account.account.serial.0, user.serial.0)
}

pub(super) fn extension_id(account: &Snapshot, user: &User) -> String {
    format!("06{:07}{:04}", account.account.serial.0, user.serial.0)
}

pub(super) fn intercom(user: &User) -> u32 {
    INTERCOM_BASE + user.serial.0
}

/// The user behind an agent id, an extension id or a plain decimal id; only this account's.
pub(super) fn serial_of(text: &str, account: &Snapshot) -> Option<Serial> {
    let own = format!("{:07}", account.account.serial.0);
    let behind = text
        .strip_prefix("05")
        .or_else(|| text.strip_prefix("06"))
        .and_then(|rest| rest.strip_prefix(own.as_str()))
        .filter(|serial| serial.len() >= 4);
    behind.unwrap_or(text).parse().ok()
}

/// The user an `agent_number` means: an agent or extension id, else the extension, intercom or
/// decimal id, else the telephone number of exactly one user.
pub(super) fn agent<'a>(text: &str, account: &'a Snapshot) -> Option<&'a Arc<User>> {
    let text = text.trim();
    let there = |user: &&Arc<User>| !user.is_deleted();
    if text.len() >= AGENT_ID_DIGITS
        && let Some(serial) = serial_of(text, account)
        && let Some(user) = account.user_by_serial(serial).filter(there)
    {
        return Some(user);
    }
    let by_extension = || account.user_by_extension(Extension::parse(text).ok()?).filter(there);
    let short = text.parse::<u32>().ok();
    let by_intercom =
        || account.user_by_serial(Serial(short?.checked_sub(INTERCOM_BASE)?)).filter(there);
    let by_serial = || account.user_by_serial(Serial(short?)).filter(there);
    let by_phone = || {
        let phone = PhoneNumber::parse(text, account.account.country).ok()?;
        let mut users = account.users_by_phone(phone).filter(there);
        users.next().filter(|_| users.next().is_none())
    };
    by_extension().or_else(by_intercom).or_else(by_serial).or_else(by_phone)
}
