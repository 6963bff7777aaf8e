//! Smartflo's rate limit: requests a second for each account —
//! <https://docs.smartflo.tatatelebusiness.com/reference/rate-limiting-on-api-requests> (read
//! 2026-11).

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::id::AccountId;
use jiff::Timestamp;

/// Accounts counted at once; those not heard of this second are forgotten first.
const ACCOUNTS_MAX: usize = 100_000;

/// Counts requests in whole seconds.
#[derive(Debug)]
pub(crate) struct Pace {
    /// 0: any number.
    per_second: u32,
    counts: Mutex<HashMap<AccountId, (i64, u32)>>,
}

impl Pace {
    pub(crate) fn new(per_second: u32) -> Self {
        Self { per_second, counts: Mutex::default() }
    }

    /// Counts one request.
    ///
    /// # Errors
    ///
    /// The seconds to wait, where this second is used up.
    pub(crate) fn take(&self, account: AccountId, now: Timestamp) -> Result<(), i64> {
        if self.per_second == 0 {
            return Ok(());
        }
        let second = now.as_second();
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= ACCOUNTS_MAX {
            counts.retain(|_, (counted, _)| *counted == second);
        }
        let count = counts.entry(account).or_insert((second, 0));
        if count.0 != second {
            *count = (second, 0);
        }
        count.1 = count.1.saturating_add(1);
        if count.1 > self.per_second { Err(1) } else { Ok(()) }
    }
}
