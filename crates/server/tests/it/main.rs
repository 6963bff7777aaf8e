//! The command `rollcall` from outside: the real binary, real folders, real sockets.
#![cfg(test)]

mod backup;
mod baresip;
mod call_webhooks;
mod calls;
mod configuration;
mod crash;
mod deliver_crash;
mod demo;
mod harness;
mod help;
mod import;
mod receiver;
mod serve;
mod sip_tls;
mod softphone;
mod telecmi_calls;
mod user;
