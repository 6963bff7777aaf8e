//! A user signs in with his password: to the console, or through a vendor's login call.

use std::net::IpAddr;
use std::sync::Arc;

use domain::caller::{Caller, Who};
use domain::credential::Voice;
use domain::id::{AccountId, SessionId, UserId};
use domain::permission::Permission;
use domain::policy::{Rule, Trace, sign_in};
use domain::rights;
use domain::secret::{PasswordHash, PlainPassword, Secret, TokenHash};
use domain::user::{SecondFactor, User};
use jiff::{SignedDuration, Timestamp};

use crate::directory::Directory;
use crate::error::Error;
use crate::random::random_word;
use crate::session::Session;
use crate::throttle::Guesser;

/// Characters of a session token, five bits each: 160 bits cannot be guessed.
const TOKEN_CHARACTERS: usize = 32;
/// Users of one login, in as many accounts, whose password is tried: each costs 20 ms of a core.
const NAMESAKES_MAX: usize = 16;

/// Somebody who says who he is.
#[derive(Clone, Debug)]
pub struct SignIn {
    /// Users it may be; empty where the name is not known, which takes as long to refuse.
    pub users: Vec<(AccountId, UserId)>,
    /// The name as given, for counting failures.
    pub name: Box<str>,
    pub password: Secret,
    pub voice: Voice,
    pub address: Option<IpAddr>,
    /// How long the session lasts unless the user's own limit is shorter.
    pub lifetime: SignedDuration,
    /// Whether this voice can ask for a second factor, and has been shown the one owed.
    pub second_factor: SecondFactorShown,
}

/// What the voice knows of a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecondFactorShown {
    /// Not asked for yet, or the voice has no way to: a user who owes one is refused.
    No,
    /// Asked for and right.
    Yes,
}

/// A session begun; the token is shown this once.
#[derive(Debug)]
pub struct SignedIn {
    pub token: Secret,
    pub session: Session,
    pub user: Arc<User>,
    /// Sessions that had to end for it, under the user's limit.
    pub ended: Vec<Arc<Session>>,
}

/// Why somebody could not sign in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Unknown name or wrong password: answered the same.
    #[error("the user name or password is wrong")]
    Wrong { failures: u32 },
    #[error("too many failures; try again after {until}")]
    Locked { until: Timestamp },
    /// The password was right, but policy refuses.
    #[error("the user may not sign in: {}", .0.word())]
    Refused(Rule),
    /// The password was right; this second factor is owed.
    #[error("a second factor is owed")]
    SecondFactorOwed { factor: SecondFactor, account: AccountId, user: UserId },
    #[error(transparent)]
    Directory(#[from] Error),
}

impl Directory {
    /// Users, not deleted, of this login in any account: vendors' login calls name no account.
    #[must_use]
    pub fn users_by_login(&self, login: &str) -> Vec<(AccountId, UserId)> {
        let deployment = self.deployment();
        deployment
            .accounts()
            .filter_map(|account| Some((account.account.id, account.user_by_login(login)?.id)))
            .take(NAMESAKES_MAX)
            .collect()
    }

    /// The same by e-mail address, for vendors whose users sign in with it.
    #[must_use]
    pub fn users_by_email(&self, email: &str) -> Vec<(AccountId, UserId)> {
        let deployment = self.deployment();
        deployment
            .accounts()
            .filter_map(|account| Some((account.account.id, account.user_by_email(email)?.id)))
            .take(NAMESAKES_MAX)
            .collect()
    }

    /// Checks the password and what policy says, and begins a session.
    ///
    /// # Errors
    ///
    /// See [`SignInError`].
    pub async fn sign_in(&self, attempt: SignIn) -> Result<SignedIn, SignInError> {
        let locked = |until| SignInError::Locked { until };
        let judging = self.shared.throttle.attempt(guessers(&attempt)).await.map_err(locked)?;
        let Some(user) = self.whose_password(&attempt).await? else {
            return Err(SignInError::Wrong { failures: judging.failed() });
        };
        judging.succeeded(&Guesser::User(user.id));
        self.may_sign_in(&attempt, &user)?;
        let begun = self.begin(attempt.voice, attempt.address, attempt.lifetime, user).await;
        Ok(begun?)
    }

    /// Whether this is the caller's own password, which he shows again before he sets another. A
    /// wrong one counts like one at sign-in: who found a session open must not guess faster here.
    ///
    /// # Errors
    ///
    /// See [`SignInError`]; `NotFound` for a caller who is no user.
    pub async fn confirm_password(
        &self,
        password: Secret,
        caller: &Caller,
    ) -> Result<(), SignInError> {
        let id = caller.user().ok_or(Error::NotFound)?;
        let user = self.account(caller)?.user(id).cloned().ok_or(Error::NotFound)?;
        let known = Guesser::User(id);
        let guessers = [Some(known.clone()), caller.address.map(Guesser::address)];
        let guessers = guessers.into_iter().flatten().collect();
        let locked = |until| SignInError::Locked { until };
        let judging = self.shared.throttle.attempt(guessers).await.map_err(locked)?;
        if self.first_with(password, vec![user]).await?.is_none() {
            return Err(SignInError::Wrong { failures: judging.failed() });
        }
        judging.succeeded(&known);
        Ok(())
    }

    /// The user whose password it is.
    async fn whose_password(&self, attempt: &SignIn) -> Result<Option<Arc<User>>, Error> {
        let deployment = self.deployment();
        let users: Vec<_> = attempt
            .users
            .iter()
            .filter_map(|(account, user)| deployment.account(*account)?.user(*user).cloned())
            .filter(|user| !user.is_deleted())
            .collect();
        self.first_with(attempt.password.clone(), users).await
    }

    /// The first with this password. Where there is none, one is hashed that nobody has, so that it
    /// takes no less time. Argon2 takes some 20 ms of a core: off the threads that answer
    /// others.
    async fn first_with(
        &self,
        password: Secret,
        users: Vec<Arc<User>>,
    ) -> Result<Option<Arc<User>>, Error> {
        tokio::task::spawn_blocking(move || {
            let matching = users.into_iter().find(|user| {
                let hash = user.sign_in.password.as_ref();
                hash.is_some_and(|hash| hash.verify(password.expose()))
            });
            if matching.is_none()
                && let Ok(plain) = PlainPassword::parse(NOBODYS_PASSWORD)
            {
                let _ = PasswordHash::of(&plain, [0; 16]);
            }
            matching
        })
        .await
        .map_err(|_| Error::Busy)
    }

    fn may_sign_in(&self, attempt: &SignIn, user: &User) -> Result<(), SignInError> {
        let deployment = self.deployment();
        let account = deployment.account(user.account).ok_or(Error::NotFound)?;
        let judged = sign_in(account, user, attempt.address, Trace::Off);
        if !judged.decision.is_allowed() {
            return Err(SignInError::Refused(judged.decision.rule));
        }
        match (judged.second_factor, attempt.second_factor) {
            (SecondFactor::Off, _) | (_, SecondFactorShown::Yes) => Ok(()),
            (factor @ (SecondFactor::Email | SecondFactor::Totp), SecondFactorShown::No) => {
                let (account, user) = (user.account, user.id);
                Err(SignInError::SecondFactorOwed { factor, account, user })
            }
        }
    }

    async fn begin(
        &self,
        voice: Voice,
        address: Option<IpAddr>,
        lifetime: SignedDuration,
        user: Arc<User>,
    ) -> Result<SignedIn, Error> {
        let token = random_word(TOKEN_CHARACTERS);
        let now = self.clock().now();
        let own = match user.sign_in.session_minutes_max {
            0 => lifetime,
            minutes => SignedDuration::from_mins(minutes.into()).min(lifetime),
        };
        let session = Session {
            id: SessionId(self.new_id()),
            account: user.account,
            user: user.id,
            voice,
            token: TokenHash::of(&token),
            created_at: now,
            expires_at: now.checked_add(own).unwrap_or(Timestamp::MAX),
            address,
        };
        let max = user.sign_in.sessions_max;
        let ended = self.shared.sessions.begin(session.clone(), max).await?;
        Ok(SignedIn { token: Secret::new(token), session, user, ended })
    }

    /// A new session for the one the caller speaks from, which ends: a refreshed token.
    ///
    /// # Errors
    ///
    /// The caller speaks from no session, or the store failed.
    pub async fn renew_session(
        &self,
        caller: &Caller,
        lifetime: SignedDuration,
    ) -> Result<SignedIn, Error> {
        let Who::User { user, .. } = caller.who else { return Err(Error::NotFound) };
        let user = self.account(caller)?.user(user).cloned().ok_or(Error::NotFound)?;
        self.sign_out(caller).await;
        self.begin(caller.voice, caller.address, lifetime, user).await
    }

    /// Ends the session a caller speaks from.
    pub async fn sign_out(&self, caller: &Caller) {
        let Who::User { user, session } = caller.who else { return };
        let ending: Vec<_> =
            self.shared.sessions.of(user).into_iter().filter(|it| it.id == session).collect();
        self.shared.sessions.remove(&ending).await;
    }

    /// Ends a user's sessions, or the one named, and says how many; a dry run only counts.
    ///
    /// # Errors
    ///
    /// `Forbidden` without `users.write`; `NotFound` where there is no such user or session.
    pub async fn end_sessions(
        &self,
        user: UserId,
        one: Option<SessionId>,
        caller: &Caller,
        dry_run: bool,
    ) -> Result<u32, Error> {
        rights::require(caller, Permission::UsersWrite).map_err(Error::Forbidden)?;
        self.account(caller)?.user(user).ok_or(Error::NotFound)?;
        let mut ending = self.shared.sessions.of(user);
        ending.retain(|session| one.is_none_or(|one| session.id == one));
        if ending.is_empty() && one.is_some() {
            return Err(Error::NotFound);
        }
        if !dry_run {
            self.shared.sessions.remove(&ending).await;
        }
        Ok(u32::try_from(ending.len()).unwrap_or(u32::MAX))
    }

    /// A user's live sessions, oldest first.
    #[must_use]
    pub fn sessions_of(&self, user: UserId) -> Vec<Arc<Session>> {
        self.shared.sessions.of(user)
    }

    /// Whether the user is signed in anywhere: what `login_required` asks.
    #[must_use]
    pub fn is_signed_in(&self, user: UserId) -> bool {
        !self.shared.sessions.of(user).is_empty()
    }

    /// Who is locked for guessing at sign-ins and credentials, in all accounts.
    #[must_use]
    pub fn locks(&self) -> Vec<crate::throttle::Lock> {
        self.shared.throttle.locks()
    }

    /// When a credential was last shown since the process started.
    #[must_use]
    pub fn last_used(&self, credential: domain::id::CredentialId) -> Option<Timestamp> {
        self.shared.last_used.of(credential)
    }
}

/// Whose failure a wrong password is: that of every user it may have been for, or of a name nobody
/// has, which is locked like one somebody has.
fn guessers(attempt: &SignIn) -> Vec<Guesser> {
    let mut guessers: Vec<_> = attempt.users.iter().map(|(_, user)| Guesser::User(*user)).collect();
    if guessers.is_empty() {
        guessers.push(Guesser::name(&attempt.name));
    }
    guessers.extend(attempt.address.map(Guesser::address));
    guessers
}

/// Hashed for users who have no password; no user ever has this one.
const NOBODYS_PASSWORD: &str = "\u{2014}nobody signs in with this\u{2014}";
