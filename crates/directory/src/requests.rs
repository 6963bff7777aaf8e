//! The last requests of every voice, for the administrator who asks why his script fails.
//! In memory only, and without bodies: what a request said stands in the history if it changed
//! anything.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use domain::credential::Voice;
use domain::id::AccountId;
use jiff::Timestamp;

/// Requests remembered for each account: an afternoon of a script that runs every few minutes.
pub const REQUESTS_MAX: usize = 200;
/// Accounts whose requests are remembered; beyond it the one heard of longest ago is forgotten.
const ACCOUNTS_MAX: usize = 1_000;

/// One request and how it was answered. Holds no secret: no body, no query, no header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestEntry {
    pub at: Timestamp,
    pub voice: Voice,
    pub method: Box<str>,
    /// Without the query, where some vendors' clients put their secrets.
    pub path: Box<str>,
    pub status: u16,
    /// The name of the credential or user.
    pub caller: Box<str>,
    pub address: Option<IpAddr>,
    /// Why it was refused, where it was.
    pub refused: Option<Box<str>>,
}

#[derive(Debug, Default)]
pub(crate) struct Requests {
    by_account: Mutex<HashMap<AccountId, VecDeque<RequestEntry>>>,
}

impl Requests {
    pub(crate) fn note(&self, account: AccountId, entry: RequestEntry) {
        let mut accounts = self.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= ACCOUNTS_MAX && !accounts.contains_key(&account) {
            let last = |requests: &VecDeque<RequestEntry>| requests.back().map(|it| it.at);
            let oldest = accounts.iter().min_by_key(|(_, requests)| last(requests));
            if let Some(oldest) = oldest.map(|(account, _)| *account) {
                accounts.remove(&oldest);
            }
        }
        let requests = accounts.entry(account).or_default();
        if requests.len() == REQUESTS_MAX {
            requests.pop_front();
        }
        requests.push_back(entry);
    }

    /// Newest first.
    pub(crate) fn of(&self, account: AccountId) -> Vec<RequestEntry> {
        let accounts = self.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.get(&account).map(|it| it.iter().rev().cloned().collect()).unwrap_or_default()
    }
}
