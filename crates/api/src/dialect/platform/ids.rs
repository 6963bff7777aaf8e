//! Ids as the platform writes them — <https://docs.smartflo.tatatelebusiness.com/reference/fetch-single-user>
//! (read 2026-11). Agents and extensions carry the account: 05 or 06, seven digits of the account,
//! at least four of the user.

use domain::id::Serial;
use domain::snapshot::Snapshot;
use domain::user::User;

/// Intercom numbers begin behind this one.
const INTERCOM_BASE: u32 = 1_000;

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
