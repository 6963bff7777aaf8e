//! The command `rollcall`: configuration, wiring, command line. No rule and no protocol.

mod address;
mod bar;
mod command;
mod config;
mod credentials;
mod deliver;
mod demo;
mod door;
mod housekeeping;
mod http;
mod metrics;
mod output;
mod place;
mod references;
mod shutdown;
mod table;
mod telephony;
mod tls;

use std::process::ExitCode;

use clap::Parser;

/// Memory is given back and not scattered under many small changes.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    match command::run(command::Rollcall::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
