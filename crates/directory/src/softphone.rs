//! SIP credentials of browsers' softphones: made for a signed-in user, for his session and with it
//! gone. So no page ever holds the password of his desk phone. In memory only.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Mutex, PoisonError};

use domain::caller::{Caller, Who};
use domain::id::{SessionId, UserId};
use domain::permission::Permission;
use domain::policy::{RegistrationAttempt, Rule, Trace, Transport, registration};
use domain::secret::{PlainPassword, Secret, SipDigest};
use domain::user::User;
use jiff::{SignedDuration, Timestamp};

use crate::directory::Directory;
use crate::error::Error;
use crate::random::random_word;

/// Opens every softphone's user name, so that looking for one costs other names nothing.
const PREFIX: &str = "softphone-";
/// Five bits each: nobody guesses either in an hour.
const NAME_CHARACTERS: usize = 16;
const PASSWORD_CHARACTERS: usize = 32;
/// How long one is good for; the page asks for the next one before.
const LIFETIME: SignedDuration = SignedDuration::from_hours(1);
/// Of one session: each open page asks for its own, and each again before the hour is over.
const PER_SESSION_MAX: usize = 8;
/// Of all users, some 300 bytes each. Beyond it the one that ends first goes.
const SOFTPHONES_MAX: usize = 100_000;

/// What a browser registers with. The page is given it once and keeps it nowhere.
#[derive(Debug)]
pub struct SoftphoneLogin {
    pub username: Box<str>,
    pub password: Secret,
    /// The account's realm, which is its SIP domain.
    pub realm: Box<str>,
    /// The address it registers is this one's.
    pub extension: Box<str>,
    pub lifetime: SignedDuration,
}

/// Why there is no credential.
#[derive(Debug, thiserror::Error)]
pub enum SoftphoneRefused {
    /// Not somebody who is signed in, or not permitted.
    #[error(transparent)]
    Error(#[from] Error),
    #[error("the user has no extension")]
    NoExtension,
    /// What would refuse the registration refuses the credential.
    #[error("policy refuses: {}", .0.word())]
    Rule(Rule),
}

/// All credentials in force, by user name.
#[derive(Debug, Default)]
pub(crate) struct Softphones(Mutex<HashMap<Box<str>, Issued>>);

#[derive(Debug)]
struct Issued {
    user: UserId,
    session: SessionId,
    digest: SipDigest,
    expires_at: Timestamp,
}

impl Directory {
    /// Makes a credential for the softphone of the user who is signed in. Nobody can ask for
    /// another's, and it is good for as long as his session, an hour at most.
    ///
    /// # Errors
    ///
    /// Nobody is signed in, he has no extension, or policy would refuse his browser.
    pub fn softphone_login(&self, caller: &Caller) -> Result<SoftphoneLogin, SoftphoneRefused> {
        if !caller.may(Permission::OwnWrite) {
            return Err(Error::Forbidden(Permission::OwnWrite).into());
        }
        let Who::User { user, session } = &caller.who else {
            return Err(Error::Forbidden(Permission::OwnWrite).into());
        };
        let account = self.account(caller)?;
        let user = account.user(*user).ok_or(Error::NotFound)?;
        // Without an address only a list of addresses can refuse, and then it should.
        let address = caller.address.unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED));
        let attempt = RegistrationAttempt { address, transport: Transport::WebSocket, devices: 0 };
        let decision = registration(&account, user, &attempt, Trace::Off);
        if !decision.is_allowed() {
            return Err(SoftphoneRefused::Rule(decision.rule));
        }
        let extension = user.telephone.extension.ok_or(SoftphoneRefused::NoExtension)?;
        let realm = account.account.realm.clone();
        let (username, password) = self.issue(user, *session, &realm);
        let extension = extension.to_string().into();
        Ok(SoftphoneLogin { username, password, realm, extension, lifetime: LIFETIME })
    }

    fn issue(&self, user: &User, session: SessionId, realm: &str) -> (Box<str>, Secret) {
        let username: Box<str> = format!("{PREFIX}{}", random_word(NAME_CHARACTERS)).into();
        let password = random_word(PASSWORD_CHARACTERS);
        let digest = SipDigest::of(&username, realm, &plain(&password));
        let now = self.clock().now();
        let issued = Issued { user: user.id, session, digest, expires_at: now + LIFETIME };
        self.shared.softphones.put(username.clone(), issued, now);
        (username, Secret::new(password))
    }

    /// Whose softphone has this user name, and the digest of its password: while the session it
    /// was made for lives.
    #[must_use]
    pub fn softphone(&self, username: &str) -> Option<(UserId, SipDigest)> {
        let (user, session, digest) = self.shared.softphones.find(username, self.clock().now())?;
        let sessions = self.sessions_of(user);
        sessions.iter().any(|it| it.id == session).then_some((user, digest))
    }
}

impl Softphones {
    fn put(&self, username: Box<str>, issued: Issued, now: Timestamp) {
        let mut table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let of_session = table.values().filter(|it| it.session == issued.session).count();
        if of_session >= PER_SESSION_MAX {
            remove_first(&mut table, |it| it.session == issued.session);
        }
        if table.len() >= SOFTPHONES_MAX {
            table.retain(|_, it| it.expires_at > now);
        }
        if table.len() >= SOFTPHONES_MAX {
            remove_first(&mut table, |_| true);
        }
        table.insert(username, issued);
    }

    fn find(&self, username: &str, now: Timestamp) -> Option<(UserId, SessionId, SipDigest)> {
        if !username.starts_with(PREFIX) {
            return None;
        }
        let table = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let issued = table.get(username).filter(|it| it.expires_at > now)?;
        Some((issued.user, issued.session, issued.digest.clone()))
    }
}

/// Takes out the one that ends first of those meant.
fn remove_first(table: &mut HashMap<Box<str>, Issued>, meant: impl Fn(&Issued) -> bool) {
    let those = table.iter().filter(|(_, it)| meant(it));
    let first = those.min_by_key(|(_, it)| it.expires_at).map(|(username, _)| username.clone());
    if let Some(first) = first {
        table.remove(&first);
    }
}

#[expect(clippy::expect_used, reason = "an invariant of the words made here")]
fn plain(word: &str) -> PlainPassword {
    PlainPassword::parse(word).expect("a word of 32 letters and digits is a password")
}
