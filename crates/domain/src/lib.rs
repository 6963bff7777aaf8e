//! Users, settings, rules and decisions of a phone system's directory.
//!
//! No IO, no async function, no clock: time and randomness are arguments.

pub mod account;
mod apply;
pub mod call;
pub mod caller;
pub mod change;
pub mod check;
pub mod credential;
pub mod deployment;
pub mod diff;
mod digits;
pub mod extension;
pub mod fault;
pub mod hex;
pub mod id;
mod json_text;
pub mod network;
pub mod patch;
pub mod permission;
pub mod phone;
pub mod policy;
pub mod read;
pub mod refusal;
pub mod resource;
pub mod resource_check;
pub mod rights;
pub mod secret;
pub mod setting;
pub mod shift;
pub mod sip_uri;
pub mod snapshot;
pub mod stored_secret;
pub mod text;
pub mod user;
pub mod zone;
mod zone_table;
