//! Users, their settings, the rules over them and the decisions those rules make.
//! It does no IO, has no async function and reads no clock: time and randomness are arguments.

pub mod extension;
pub mod fault;
mod json_text;
pub mod network;
pub mod phone;
pub mod secret;
pub mod sip_uri;
pub mod text;
pub mod zone;
mod zone_table;
