//! The command line: a contract that outside scripts rely on. One file a command.

mod account;
mod alert;
mod audit;
mod backup;
mod call;
mod check;
mod demo;
mod export;
mod import;
mod restore;
mod serve;
mod user;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::output::Failure;

/// What follows the flags of `rollcall --help`; the numbers are `output::Exit`'s.
const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  could not be done: no such file, no server, no disk
  2  the command line or the configuration is not understood
  3  refused: a bad value, nobody of that name, a missing permission, somebody was faster;
     nothing of it was changed
  4  damage or tampering was found";

/// The user directory of a phone system, which calls obey.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, propagate_version = true, after_help = EXIT_CODES)]
pub(crate) struct Rollcall {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a data folder: vendors' APIs, native API, console, SIP.
    Serve(Serving),
    /// Serve one sample account, ready to try.
    Demo(demo::Demo),
    /// Create accounts.
    #[command(subcommand)]
    Account(account::Account),
    /// Look at and change users.
    #[command(subcommand)]
    User(user::User),
    /// Look at calls, end and place them.
    #[command(subcommand)]
    Call(call::Call),
    /// Look at messages of missed calls, send them again.
    #[command(subcommand)]
    Alert(alert::Alert),
    /// Create and change users from a CSV file.
    Import(import::Import),
    /// Write all users to a CSV file.
    Export(export::Export),
    /// Copy everything into one file, while the server runs or not.
    Backup(backup::Backup),
    /// Put a backup into a new data folder.
    Restore(restore::Restore),
    /// Look for damage in a data folder.
    Check(check::Check),
    /// Look for tampering in the log of changes.
    #[command(subcommand)]
    Audit(audit::Audit),
}

/// Flags of everything that serves.
#[derive(Args, Clone, Debug)]
pub(crate) struct Serving {
    /// TOML file that overlays the defaults.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder everything is kept in.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// Address of the HTTP listener; port 0 takes a free one.
    #[arg(long, value_name = "ADDR")]
    http: Option<SocketAddr>,
    /// Address of SIP over UDP and TCP.
    #[arg(long, value_name = "ADDR")]
    sip: Option<SocketAddr>,
}

impl Serving {
    /// The configuration, flags before file before defaults.
    pub(crate) fn config(&self) -> Result<Config, Failure> {
        let mut config = Config::read(self.config.as_deref())?;
        if let Some(data) = &self.data {
            config.data.clone_from(data);
        }
        config.http.address = self.http.unwrap_or(config.http.address);
        config.sip.address = self.sip.unwrap_or(config.sip.address);
        Ok(config)
    }
}

pub(crate) fn run(rollcall: Rollcall) -> Result<(), Failure> {
    match rollcall.command {
        Command::Serve(serving) => serve::run(&serving),
        Command::Demo(demo) => demo::run(&demo),
        Command::Account(account) => wait_for(account::run(&account)),
        Command::User(user) => wait_for(user::run(&user)),
        Command::Call(call) => wait_for(call::run(&call)),
        Command::Alert(alert) => wait_for(alert::run(&alert)),
        Command::Import(import) => wait_for(import::run(&import)),
        Command::Export(export) => wait_for(export::run(&export)),
        Command::Backup(backup) => backup::run(&backup),
        Command::Restore(restore) => restore::run(&restore),
        Command::Check(check) => wait_for(check::run(&check)),
        Command::Audit(audit) => wait_for(audit::run(&audit)),
    }
}

/// Runs a command that ends by itself.
fn wait_for(command: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::because("start the runtime", &error))?;
    runtime.block_on(command)
}
