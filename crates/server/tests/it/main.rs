//! The command `rollcall` from outside: the real binary, real folders, real sockets.
#![cfg(test)]

mod backup;
mod calls;
mod configuration;
mod crash;
mod deliver_crash;
mod demo;
mod harness;
mod help;
mod import;
mod serve;
mod softphone;
mod user;
mod vendor_calls;
