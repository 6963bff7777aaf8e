//! `rollcall account create`: a new account in a data folder, its credentials shown once.

use clap::{Args, Subcommand};
use directory::{Clock, Directory, Founded, Founding};
use domain::fault::Fault;
use domain::phone::Country;
use domain::text::Name;
use domain::zone::TimeZone;
use serde_json::{Value, json};

use crate::credentials;
use crate::output::{Failure, say};
use crate::place::{Folder, prepare};

#[derive(Debug, Subcommand)]
pub(crate) enum Account {
    /// Create an account and print a credential for every API; they are shown this once.
    Create(Create),
}

#[derive(Args, Debug)]
pub(crate) struct Create {
    /// What the account is called.
    name: String,
    /// Two letters (ISO 3166): national numbers are read from here.
    #[arg(long, value_name = "CC")]
    country: String,
    /// Time zone of users who have none of their own, such as Asia/Kolkata.
    #[arg(long, value_name = "TZ", default_value = "UTC")]
    time_zone: String,
    #[command(flatten)]
    folder: Folder,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) async fn run(account: &Account) -> Result<(), Failure> {
    match account {
        Account::Create(create) => run_create(create).await,
    }
}

async fn run_create(create: &Create) -> Result<(), Failure> {
    let founding = founding(create)?;
    let folder = create.folder.path()?;
    prepare(&folder)?;
    let directory = Directory::open(&folder, Clock::system()).await?;
    let founded = directory.found_account(founding).await;
    directory.store().close().await;
    let founded = founded?;
    if create.json {
        say(shown(&founded));
    } else {
        say(sheet(&founded));
    }
    Ok(())
}

fn founding(create: &Create) -> Result<Founding, Failure> {
    let wrong = |what: &'static str| move |fault: Fault| Failure::usage(format!("{what} {fault}"));
    Ok(Founding {
        name: Name::parse(&create.name).map_err(wrong("NAME"))?,
        country: Country::parse(&create.country)
            .map_err(|fault| wrong("--country")(fault).hint("two letters, such as IN or DE"))?,
        time_zone: TimeZone::parse(&create.time_zone).map_err(|fault| {
            wrong("--time-zone")(fault).hint("a name such as Asia/Kolkata or Europe/Berlin")
        })?,
        app_id: None,
    })
}

fn shown(founded: &Founded) -> Value {
    json!({
        "account": founded.account.id,
        "name": founded.account.name,
        "country": founded.account.country,
        "time_zone": founded.account.time_zone,
        "sip_domain": founded.account.realm,
        "credentials": credentials::json(founded),
        "console": credentials::console(founded),
    })
}

fn sheet(founded: &Founded) -> String {
    let (app_id, app_secret) = &founded.telecmi;
    let (username, password) = &founded.commpeak;
    format!(
        "Account {} ({})\n\n\
         These secrets are kept hashed and shown this once:\n  \
         console     sign in as {} with {}\n  \
         native API  token {}\n  \
         CallerDesk  authcode {}\n  \
         TeleCMI     appid {app_id}, secret {}\n  \
         Acefone     token {}\n  \
         Smartflo    token {}\n  \
         CommPeak    user {username}, password {}\n\n\
         SIP domain  {}",
        founded.account.name,
        founded.account.id,
        founded.login,
        founded.password.expose(),
        founded.native.expose(),
        founded.callerdesk.expose(),
        app_secret.expose(),
        founded.acefone.expose(),
        founded.smartflo.expose(),
        password.expose(),
        founded.account.realm,
    )
}
