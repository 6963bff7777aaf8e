//! The second factor by mail: a code of six digits, good once, for ten minutes and five tries.
//! In memory only: after a restart somebody signs in once more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use domain::id::{AccountId, UserId};
use domain::secret::Secret;
use jiff::{SignedDuration, Timestamp};

use crate::directory::Directory;
use crate::error::Error;
use crate::post::OneTimeMail;
use crate::random::random;

/// How long a code is good.
pub const MAIL_CODE_LIFE: SignedDuration = SignedDuration::from_mins(10);
/// Wrong codes until a code is void: one guess in 200,000 hits.
pub const MAIL_CODE_TRIES: u8 = 5;
/// A code sent so shortly ago is not followed by another: nobody's mailbox is flooded.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);
/// Codes on their way at once; beyond it nobody is sent another until some have run out.
const CODES_MAX: usize = 10_000;

/// What became of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailCode {
    Sent,
    /// The one sent a moment ago is still good.
    SentBefore,
    /// No mail server is configured, or the user has no address.
    NoWay,
}

/// The codes on their way, one a user.
#[derive(Debug, Default)]
pub(crate) struct MailCodes(Mutex<HashMap<UserId, Sent>>);

#[derive(Debug)]
struct Sent {
    code: Secret,
    at: Timestamp,
    tries_left: u8,
}

impl MailCodes {
    /// A fresh code for the user, unless one was made a moment ago or there are too many.
    fn fresh(&self, user: UserId, now: Timestamp) -> Option<Secret> {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if codes.len() >= CODES_MAX {
            codes.retain(|_, sent| now.duration_since(sent.at) < MAIL_CODE_LIFE);
        }
        let is_new = |sent: &Sent| now.duration_since(sent.at) < AGAIN_AFTER;
        if codes.len() >= CODES_MAX || codes.get(&user).is_some_and(is_new) {
            return None;
        }
        // Of 2^64 numbers, the remainder prefers none by more than 1 in 10^13.
        let number = u64::from_le_bytes(random()) % 1_000_000;
        let code = Secret::new(format!("{number:06}"));
        codes.insert(user, Sent { code: code.clone(), at: now, tries_left: MAIL_CODE_TRIES });
        Some(code)
    }

    fn forget(&self, user: UserId) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&user);
    }

    /// Whether this is the user's code, which then is used up. Compared in constant time.
    pub(crate) fn take(&self, user: UserId, typed: &str, now: Timestamp) -> bool {
        let mut codes = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(sent) = codes.get_mut(&user) else { return false };
        let is_good = now.duration_since(sent.at) < MAIL_CODE_LIFE;
        let is_right = sent.code == Secret::new(typed);
        sent.tries_left = sent.tries_left.saturating_sub(1);
        // A void code stays until it may be followed by another, so that tries buy no mails.
        if (is_right && is_good) || (sent.tries_left == 0 && !is_right) {
            sent.code = Secret::new("");
        }
        is_right && is_good && !typed.is_empty()
    }
}

impl Directory {
    /// Mails the user a code, which [`Directory::check_second_factor`] takes. For somebody who has
    /// shown his password.
    ///
    /// # Errors
    ///
    /// `NotFound` where there is no such user.
    pub async fn send_mail_code(
        &self,
        (account, user): (AccountId, UserId),
    ) -> Result<MailCode, Error> {
        let found = self.user_anywhere(account, user)?;
        let Some(post) = self.post().filter(|post| post.sends_mail()) else {
            return Ok(MailCode::NoWay);
        };
        let Some(code) = self.shared.mail_codes.fresh(user, self.clock().now()) else {
            return Ok(MailCode::SentBefore);
        };
        let minutes = MAIL_CODE_LIFE.as_mins();
        let text = format!(
            "Your code to sign in is {}. It is good for {minutes} minutes.\n\n\
             If you are not signing in, somebody else knows your password: change it.\n",
            code.expose()
        );
        let mail = OneTimeMail { subject: "Your sign-in code".to_owned(), text: Secret::new(text) };
        if post.one_time(found, mail).await {
            return Ok(MailCode::Sent);
        }
        self.shared.mail_codes.forget(user);
        Ok(MailCode::NoWay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(code: &Secret) -> &'static str {
        if code.expose() == "000000" { "000001" } else { "000000" }
    }

    #[test]
    fn a_code_is_good_once() {
        let (codes, user, now) =
            (MailCodes::default(), UserId(uuid::Uuid::max()), Timestamp::UNIX_EPOCH);
        let code = codes.fresh(user, now).unwrap();
        assert_eq!(code.expose().len(), 6);
        assert!(!codes.take(user, wrong(&code), now));
        assert!(codes.take(user, code.expose(), now));
        assert!(!codes.take(user, code.expose(), now));
        assert!(!codes.take(user, "", now));
    }

    #[test]
    fn a_code_is_void_after_its_time_and_after_five_tries() {
        let (codes, user, now) =
            (MailCodes::default(), UserId(uuid::Uuid::max()), Timestamp::UNIX_EPOCH);
        let code = codes.fresh(user, now).unwrap();
        assert!(!codes.take(user, code.expose(), now + MAIL_CODE_LIFE));
        let now = now + AGAIN_AFTER;
        let code = codes.fresh(user, now).unwrap();
        assert!(codes.fresh(user, now).is_none());
        for _ in 0..MAIL_CODE_TRIES {
            assert!(!codes.take(user, wrong(&code), now));
        }
        assert!(!codes.take(user, code.expose(), now));
    }
}
