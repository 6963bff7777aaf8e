//! From the store's rows to a deployment in memory: the start of every process.

use std::sync::Arc;
use std::sync::Mutex;

use domain::account::Account;
use domain::deployment::Deployment;
use domain::id::Serial;
use domain::resource::{Resource, ResourceKind};
use domain::user::User;
use store::{LoadedRow, Store};

use crate::error::Error;
use crate::serials::Serials;

/// Everything the store knows, in memory.
pub(crate) struct Loaded {
    pub(crate) deployment: Deployment,
    pub(crate) serials: Serials,
}

/// Reads every account, resource and user.
///
/// # Errors
///
/// A row this version cannot read: better not to start than to forget a user.
pub(crate) async fn load(store: &Store) -> Result<Loaded, Error> {
    let loading = Arc::new(Mutex::new(Loading::default()));
    let rows = Arc::clone(&loading);
    store
        .load(move |row| {
            if let Ok(mut loading) = rows.lock() {
                loading.take(row);
            }
        })
        .await?;
    let mut loading = loading.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    match loading.failed.take() {
        Some(error) => Err(error),
        None => Ok(Loaded {
            deployment: std::mem::take(&mut loading.deployment),
            serials: std::mem::take(&mut loading.serials),
        }),
    }
}

#[derive(Default)]
struct Loading {
    deployment: Deployment,
    serials: Serials,
    failed: Option<Error>,
}

impl Loading {
    fn take(&mut self, row: LoadedRow) {
        let taken = match row {
            LoadedRow::Account(row) => self.account(&row.body),
            LoadedRow::Resource(row) => self.resource(&row.kind, &row.body),
            LoadedRow::User(row) => self.user(&row.body),
        };
        if let Err(error) = taken {
            self.failed.get_or_insert(error);
        }
    }

    fn account(&mut self, body: &str) -> Result<(), Error> {
        let account: Account = read("account", body)?;
        self.serials.saw_account(account.serial);
        self.deployment.put_account(account);
        Ok(())
    }

    fn resource(&mut self, kind: &str, body: &str) -> Result<(), Error> {
        let unknown = || serde::de::Error::custom(format_args!("unknown resource kind {kind:?}"));
        let kind = ResourceKind::parse(kind)
            .ok_or_else(|| Error::Unreadable { what: "resource", source: unknown() })?;
        let resource = Resource::from_json(kind, body)
            .map_err(|source| Error::Unreadable { what: kind.word(), source })?;
        self.serials.saw_resource(kind, resource.serial());
        self.deployment.put_resource(resource);
        Ok(())
    }

    fn user(&mut self, body: &str) -> Result<(), Error> {
        let user: User = read("user", body)?;
        self.serials.saw_user(Serial(user.serial.0));
        self.deployment.put_user(Arc::new(user));
        Ok(())
    }
}

fn read<T: serde::de::DeserializeOwned>(what: &'static str, body: &str) -> Result<T, Error> {
    serde_json::from_str(body).map_err(|source| Error::Unreadable { what, source })
}
