//! The command `rollcall` from outside: the real binary, real folders, real sockets.
#![cfg(test)]

mod alerts;
mod backup;
mod baresip;
mod call_webhooks;
mod calls;
mod configuration;
mod console_calls;
mod console_mail;
mod crash;
mod deliver_crash;
mod demo;
mod full_disk;
mod harness;
mod help;
mod import;
mod load;
mod mailbox;
mod metrics;
#[expect(dead_code, reason = "the browsers' tests use the rest of it")]
#[path = "../../../calls/tests/peers/mod.rs"]
mod peers;
mod platform_calls;
mod receiver;
mod serve;
mod sip_tls;
#[expect(dead_code, reason = "the browsers' tests use the rest of it")]
mod softphone;
mod user;
mod vendor_calls;
mod web;
mod websocket;
#[cfg(test)]
mod wording;
