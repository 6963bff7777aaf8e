//! The command `rollcall`: configuration, wiring, command line. No rule and no protocol.

mod address;
mod command;
mod config;
mod demo;
mod http;
mod output;
mod shutdown;

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
