//! Which directory a command is for: a running server's, or the one in a data folder.
//! What is then asked of it is the command's business.

use std::path::{Path, PathBuf};

use clap::Args;
use directory::{Clock, Directory, STORE_FILE};
use domain::caller::Caller;
use domain::secret::Secret;
use domain::snapshot::Snapshot;

use crate::config::{Config, ServerConfig};
use crate::output::Failure;

/// Flags that name a data folder.
#[derive(Args, Clone, Debug)]
pub(crate) struct Folder {
    /// TOML file that overlays the defaults.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder everything is kept in; no server may be running on it.
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
}

/// Flags that name an account of a running server or of a data folder.
#[derive(Args, Clone, Debug)]
pub(crate) struct Place {
    #[command(flatten)]
    pub(crate) folder: Folder,
    /// Talk to the server at this URL, also `ROLLCALL_URL`; without one, the folder is opened.
    #[arg(long, value_name = "URL", conflicts_with = "data")]
    server: Option<String>,
    /// API token for the server; better kept in `ROLLCALL_TOKEN`, which other users cannot see.
    #[arg(long, value_name = "TOKEN", requires = "server")]
    token: Option<String>,
    /// PEM certificate to trust instead of the public authorities', for a server with its own.
    #[arg(long, value_name = "FILE", requires = "server")]
    trust: Option<PathBuf>,
    /// Account in the folder, by name or id; not needed where there is only one.
    #[arg(long, value_name = "ACCOUNT", conflicts_with = "server")]
    account: Option<String>,
}

/// A server to talk to.
pub(crate) struct Server {
    pub(crate) url: String,
    pub(crate) token: Secret,
    /// A certificate, in PEM, to trust instead of the public authorities'.
    pub(crate) trusted: Option<Vec<u8>>,
}

impl Folder {
    /// The data folder, there or not.
    pub(crate) fn path(&self) -> Result<PathBuf, Failure> {
        match &self.data {
            Some(data) => Ok(data.clone()),
            None => Ok(Config::read(self.config.as_deref())?.data),
        }
    }

    /// The data folder, which must hold a directory.
    pub(crate) fn existing(&self) -> Result<PathBuf, Failure> {
        self.existing_or("--data DIR names another folder")
    }

    /// The directory in the folder.
    pub(crate) async fn open(&self) -> Result<Directory, Failure> {
        let folder = self.existing_or(
            "--data DIR names a folder, --server URL a running server; `rollcall account create` \
             begins a new one",
        )?;
        Ok(Directory::open(&folder, Clock::system()).await?)
    }

    fn existing_or(&self, hint: &str) -> Result<PathBuf, Failure> {
        let folder = self.path()?;
        if folder.join(STORE_FILE).exists() {
            return Ok(folder);
        }
        let none = format!("there is no directory in {}", folder.display());
        Err(Failure::new(none).hint(hint))
    }
}

impl Place {
    /// The server to talk to; `None`: the folder is to be opened.
    pub(crate) fn server(&self) -> Result<Option<Server>, Failure> {
        if self.folder.data.is_some() || self.account.is_some() {
            return Ok(None);
        }
        let kept = ServerConfig::from_environment();
        let Some(url) = self.server.clone().or(kept.url) else { return Ok(None) };
        if !["http://", "https://"].iter().any(|scheme| url.starts_with(scheme)) {
            return Err(Failure::usage(format!("{url:?} is no address of a server"))
                .hint("--server or ROLLCALL_URL, as in http://127.0.0.1:8080"));
        }
        let Some(token) = self.token.clone().map(Secret::new).or(kept.token) else {
            return Err(Failure::usage(format!("a token is needed to talk to {url}"))
                .hint("give --token TOKEN or set ROLLCALL_TOKEN"));
        };
        let trusted =
            match &self.trust {
                Some(file) => Some(std::fs::read(file).map_err(|error| {
                    Failure::because(&format!("read {}", file.display()), &error)
                })?),
                None => None,
            };
        Ok(Some(Server { trusted, url: url.trim_end_matches('/').to_owned(), token }))
    }

    /// Whether one account is meant, not all of the folder's.
    pub(crate) const fn names_account(&self) -> bool {
        self.account.is_some()
    }

    /// The operator's caller for the account meant.
    pub(crate) fn operator(&self, directory: &Directory) -> Result<Caller, Failure> {
        let deployment = directory.deployment();
        let accounts: Vec<_> = deployment.accounts().collect();
        let found: Vec<_> = match &self.account {
            Some(wanted) => accounts.iter().filter(|account| is_meant(account, wanted)).collect(),
            None => accounts.iter().collect(),
        };
        match found.as_slice() {
            [account] => Ok(Caller::operator(account.account.id)),
            [] if accounts.is_empty() => Err(Failure::new("there is no account yet")
                .hint("`rollcall account create NAME --country CC` creates one")),
            [] => Err(Failure::usage("there is no such account").hint(known(&accounts))),
            several if self.account.is_some() => {
                let ids = several.iter().map(|it| it.account.id.to_string());
                let ids = ids.collect::<Vec<_>>().join(", ");
                Err(Failure::usage("several accounts have that name; give --account an id")
                    .hint(format!("one of {ids}")))
            }
            _ => Err(Failure::usage("the folder holds several accounts; name one by --account")
                .hint(known(&accounts))),
        }
    }
}

fn is_meant(account: &Snapshot, wanted: &str) -> bool {
    let account = &account.account;
    account.name.as_str().eq_ignore_ascii_case(wanted) || account.id.to_string() == wanted
}

fn known(accounts: &[&std::sync::Arc<Snapshot>]) -> String {
    const SHOWN_MAX: usize = 10;
    let named = accounts.iter().take(SHOWN_MAX).map(|account| {
        let account = &account.account;
        format!("{} ({})", account.name, account.id)
    });
    format!("the folder holds {}", named.collect::<Vec<_>>().join(", "))
}

/// Creates the folder where it is missing, for its owner only.
pub(crate) fn prepare(folder: &Path) -> Result<(), Failure> {
    use std::os::unix::fs::DirBuilderExt;
    let created = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    created.map_err(|error| Failure::because(&format!("create {}", folder.display()), &error))
}
