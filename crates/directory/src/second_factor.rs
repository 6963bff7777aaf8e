//! The second factor: an authenticator app is enrolled, its codes and the recovery codes are
//! checked. Whether one is owed is `domain::policy::sign_in`'s business.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::caller::{Caller, Who};
use domain::credential::Voice;
use domain::id::{AccountId, SessionId, UserId};
use domain::permission::{Permission, Permissions};
use domain::rights;
use domain::secret::{Secret, TokenHash};
use domain::stored_secret::StoredSecret;
use domain::user::{TotpEnrolment, User};
use totp_rs::{Builder, Totp};

use crate::directory::Directory;
use crate::error::Error;
use crate::operation::{Options, TotpEdit, UserChange, UserWork};
use crate::random::{random, random_word};
use crate::sign_in::SignInError;
use crate::throttle::{Attempt, Guesser};

/// Recovery codes given with an enrolment: enough for years of lost telephones.
pub const RECOVERY_CODES: usize = 8;
/// Five bits each: fifty bits, and guesses are throttled.
const RECOVERY_CHARACTERS: usize = 10;
/// RFC 4226 section 4 recommends 160 bits.
const SECRET_BYTES: usize = 20;

/// What an authenticator app is to be given. Nothing is stored until it has shown a code.
#[derive(Debug)]
pub struct TotpOffer {
    /// Base 32, for typing.
    pub secret: Secret,
    /// `otpauth://totp/…`, for a QR code.
    pub uri: Secret,
}

/// The last time step each user showed a code of: a code is good once (RFC 6238 section 5.2).
#[derive(Debug, Default)]
pub(crate) struct CodesUsed(Mutex<HashMap<UserId, u64>>);

impl CodesUsed {
    /// Whether this step is later than any before, which it then is no more.
    fn take(&self, user: UserId, step: u64) -> bool {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let last = used.entry(user).or_insert(0);
        let is_new = step > *last;
        *last = step.max(*last);
        is_new
    }
}

impl Directory {
    /// A fresh secret for a user's authenticator app.
    #[must_use]
    pub fn totp_offer(&self, user: &User) -> TotpOffer {
        let secret = totp_rs::Secret::from(random::<SECRET_BYTES>()).to_base32();
        self.totp_offer_again(user, &Secret::new(secret))
    }

    /// The offer made before, for a user whose first code was wrong.
    #[must_use]
    pub fn totp_offer_again(&self, user: &User, secret: &Secret) -> TotpOffer {
        let deployment = self.deployment();
        let issuer = deployment.account(user.account).map(|it| it.account.name.to_string());
        let login = user.sign_in.login.as_ref().map_or_else(|| user.name(), ToString::to_string);
        let uri = otpauth(&issuer.unwrap_or_default(), &login, secret.expose());
        TotpOffer { secret: secret.clone(), uri: Secret::new(uri) }
    }

    /// Enrols an app that shows a right code for the secret it was offered, and gives the recovery
    /// codes, this once.
    ///
    /// # Errors
    ///
    /// `Wrong` for a wrong code, `Locked` after too many, a missing permission.
    pub async fn enrol_totp(
        &self,
        user: UserId,
        (secret, code): (&Secret, &str),
        caller: &Caller,
    ) -> Result<Vec<Secret>, SignInError> {
        let judging = self.judge_second_factor(user, caller.address).await?;
        let totp = totp(secret.expose()).ok_or(SignInError::Wrong { failures: 0 })?;
        let step = totp.check(code.trim(), self.seconds());
        if !step.is_some_and(|step| self.shared.codes_used.take(user, step)) {
            return Err(SignInError::Wrong { failures: judging.failed() });
        }
        judging.passed();
        let codes: Vec<_> = (0..RECOVERY_CODES).map(|_| random_word(RECOVERY_CHARACTERS)).collect();
        let enrolment = TotpEnrolment {
            secret: StoredSecret::new(secret.expose()),
            recovery: codes.iter().map(|code| TokenHash::of(code)).collect(),
        };
        self.change_totp(user, TotpEdit::Enrol(enrolment), caller).await?;
        Ok(codes.into_iter().map(Secret::new).collect())
    }

    /// Takes the user's authenticator app away.
    ///
    /// # Errors
    ///
    /// A missing permission, or another account's user.
    pub async fn remove_totp(&self, user: UserId, caller: &Caller) -> Result<UserChange, Error> {
        self.change_totp(user, TotpEdit::Remove, caller).await
    }

    /// Checks what a user shows as second factor: a code of his app, or one mailed to him or
    /// a recovery code, which is then used up.
    ///
    /// # Errors
    ///
    /// `Wrong`, or `Locked` after too many wrong ones.
    pub async fn check_second_factor(
        &self,
        (account, user): (AccountId, UserId),
        code: &str,
        address: Option<IpAddr>,
    ) -> Result<(), SignInError> {
        let guesser = Guesser::SecondFactor(user);
        let judging = self.judge_second_factor(user, address).await?;
        let found = self.user_anywhere(account, user)?;
        let enrolment = found.sign_in.totp.as_deref();
        let typed: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        if self.shared.mail_codes.take(user, &typed, self.clock().now()) {
            judging.succeeded(&guesser);
            return Ok(());
        }
        let app = enrolment.and_then(|it| totp(it.secret.expose()));
        let step = app.and_then(|totp| totp.check(&typed, self.seconds()));
        let is_right = match step {
            Some(step) => self.shared.codes_used.take(user, step),
            None => self.use_recovery_code(&found, &typed, address).await?,
        };
        if !is_right {
            return Err(SignInError::Wrong { failures: judging.failed() });
        }
        judging.succeeded(&guesser);
        Ok(())
    }

    async fn judge_second_factor(
        &self,
        user: UserId,
        address: Option<IpAddr>,
    ) -> Result<Attempt<'_>, SignInError> {
        let guessers = [Some(Guesser::SecondFactor(user)), address.map(Guesser::address)];
        let judging = self.shared.throttle.attempt(guessers.into_iter().flatten().collect()).await;
        judging.map_err(|until| SignInError::Locked { until })
    }

    async fn use_recovery_code(
        &self,
        user: &User,
        typed: &str,
        address: Option<IpAddr>,
    ) -> Result<bool, Error> {
        let used = TokenHash::of(&typed.to_ascii_lowercase());
        let codes = user.sign_in.totp.as_deref().map(|it| &*it.recovery).unwrap_or_default();
        if !codes.contains(&used) {
            return Ok(false);
        }
        let caller = self.signing_in(user, address);
        match self.change_totp(user.id, TotpEdit::UseRecovery(used), &caller).await {
            Ok(_) => Ok(true),
            // Somebody else was quicker with the same code.
            Err(Error::NotFound) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The caller of somebody who has shown his password and not yet his second factor: he may
    /// enrol his own app, nothing more.
    #[must_use]
    pub fn signing_in(&self, user: &User, address: Option<IpAddr>) -> Caller {
        Caller {
            account: user.account,
            who: Who::User { user: user.id, session: SessionId(self.new_id()) },
            name: user.name().into(),
            permissions: Permissions::NONE.with(Permission::OwnWrite),
            voice: Voice::Console,
            address,
        }
    }

    async fn change_totp(
        &self,
        user: UserId,
        edit: TotpEdit,
        caller: &Caller,
    ) -> Result<UserChange, Error> {
        self.one_user(UserWork::Totp { user, edit }, caller, Options::default()).await
    }

    pub(crate) fn user_anywhere(
        &self,
        account: AccountId,
        user: UserId,
    ) -> Result<Arc<User>, Error> {
        let deployment = self.deployment();
        let found = deployment.account(account).and_then(|account| account.user(user));
        found.cloned().ok_or(Error::NotFound)
    }

    /// Whether the caller may touch this user's app: pages ask before they offer it.
    #[must_use]
    pub fn may_change_totp(&self, user: &User, caller: &Caller) -> bool {
        let deployment = self.deployment();
        let account = deployment.account(user.account);
        account.is_some_and(|account| rights::may_change_totp(caller, user, account).is_ok())
    }

    fn seconds(&self) -> u64 {
        u64::try_from(self.clock().now().as_second()).unwrap_or_default()
    }
}

/// Six digits, thirty seconds, one step of leeway, SHA-1: what every app understands.
fn totp(secret: &str) -> Option<Totp> {
    let secret = totp_rs::Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).build().ok()
}

/// The key URI authenticator apps read (Google Authenticator's "Key Uri Format").
fn otpauth(issuer: &str, login: &str, secret: &str) -> String {
    let (issuer, login) = (encoded(issuer), encoded(login));
    format!("otpauth://totp/{issuer}:{login}?secret={secret}&issuer={issuer}")
}

/// Percent-encoded but for what RFC 3986 calls unreserved.
fn encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
