//! The command line: a contract that outside scripts rely on. One file a command.

mod demo;
mod serve;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::output::Failure;

/// The user directory of a phone system, which calls obey.
#[derive(Debug, Parser)]
#[command(name = "rollcall", version, propagate_version = true)]
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
    /// Address of the HTTP listener.
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
    }
}
