//! A forgotten password: a link by mail, good once and for half an hour, sets another.
//! Only the token's hash is kept, in memory: after a restart somebody asks for another link.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use domain::change::Change;
use domain::id::{AccountId, UserId};
use domain::patch::UserPatch;
use domain::secret::{PasswordHash, PlainPassword, Secret, TokenHash};
use domain::text::Email;
use domain::user::User;
use jiff::{SignedDuration, Timestamp};

use crate::directory::Directory;
use crate::error::Error;
use crate::operation::Options;
use crate::post::OneTimeMail;
use crate::random::random_word;
use crate::throttle::Guesser;

/// How long a link is good.
pub const RESET_LIFE: SignedDuration = SignedDuration::from_mins(30);
/// Links on their way at once; beyond it the oldest is void.
const RESETS_MAX: usize = 10_000;
/// A user is sent no more than one link in this time.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_mins(1);
/// Five bits each: 160 bits cannot be guessed.
const TOKEN_CHARACTERS: usize = 32;

/// A link on its way, and what must not have changed meanwhile.
#[derive(Clone, Debug)]
struct Reset {
    token: TokenHash,
    account: AccountId,
    user: UserId,
    at: Timestamp,
    email: Option<Email>,
    password: Option<PasswordHash>,
}

/// Links on their way, oldest first.
#[derive(Debug, Default)]
pub(crate) struct PasswordResets(Mutex<VecDeque<Reset>>);

impl PasswordResets {
    /// A token for the user, in place of an earlier one; none where one was sent a moment ago.
    fn fresh(&self, user: &User, now: Timestamp) -> Option<String> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let earlier = all.iter().find(|it| it.user == user.id);
        if earlier.is_some_and(|it| now.duration_since(it.at) < AGAIN_AFTER) {
            return None;
        }
        all.retain(|it| it.user != user.id && now.duration_since(it.at) < RESET_LIFE);
        if all.len() >= RESETS_MAX {
            all.pop_front();
        }
        let token = random_word(TOKEN_CHARACTERS);
        all.push_back(Reset {
            token: TokenHash::of(&token),
            account: user.account,
            user: user.id,
            at: now,
            email: user.identity.email.clone(),
            password: user.sign_in.password.clone(),
        });
        Some(token)
    }

    fn find(&self, token: &str, now: Timestamp) -> Option<Reset> {
        let wanted = TokenHash::of(token);
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = all.iter().find(|it| it.token == wanted);
        found.filter(|it| now.duration_since(it.at) < RESET_LIFE).cloned()
    }

    /// The same, used up.
    fn take(&self, token: &str, now: Timestamp) -> Option<Reset> {
        let found = self.find(token, now)?;
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = all.iter().position(|it| it.token == found.token)?;
        all.remove(place)
    }
}

impl Directory {
    /// Mails a link to everybody of this address. What it answers and how long it takes do not
    /// tell whether there is somebody: the mail goes out behind it. `link` writes the address of
    /// the page for a token.
    ///
    /// # Errors
    ///
    /// The moment until which the asking address must wait, after a hundred links in five minutes.
    pub fn ask_password_reset(
        &self,
        email: &str,
        link: impl Fn(&str) -> String,
        address: Option<IpAddr>,
    ) -> Result<(), Timestamp> {
        let asking = address.map(Guesser::address);
        let locked = |guesser| self.shared.throttle.locked_until(guesser);
        if let Some(until) = asking.as_ref().and_then(locked) {
            return Err(until);
        }
        if let Some(asking) = asking {
            self.shared.throttle.failed(asking);
        }
        for (account, user) in self.users_by_email(email) {
            let Some(user) = self.user_anywhere(account, user).ok().filter(|it| it.stands()) else {
                continue;
            };
            let Some(token) = self.shared.password_resets.fresh(&user, self.clock().now()) else {
                continue;
            };
            let mail = reset_mail(&user, &link(&token));
            let directory = self.clone();
            tokio::spawn(async move {
                let Some(post) = directory.post() else { return };
                if !post.one_time(Arc::clone(&user), mail).await {
                    tracing::warn!(user = %user.id, "could not send a link to reset a password");
                }
            });
        }
        Ok(())
    }

    /// Whether a link is still good.
    #[must_use]
    pub fn knows_password_reset(&self, token: &str) -> bool {
        self.shared.password_resets.find(token, self.clock().now()).is_some()
    }

    /// Sets the password of the user whose link it is, once. Every web session of his ends.
    ///
    /// # Errors
    ///
    /// `NotFound` where the link is void, or his password or address changed since.
    pub async fn reset_password(
        &self,
        token: &str,
        password: PlainPassword,
        address: Option<IpAddr>,
    ) -> Result<(), Error> {
        let now = self.clock().now();
        let reset = self.shared.password_resets.take(token, now).ok_or(Error::NotFound)?;
        let user = self.user_anywhere(reset.account, reset.user)?;
        let is_as_then =
            user.identity.email == reset.email && user.sign_in.password == reset.password;
        if !is_as_then || !user.stands() {
            return Err(Error::NotFound);
        }
        let patch = UserPatch { password: Change::Set(password), ..UserPatch::default() };
        let caller = self.signing_in(&user, address);
        self.change_user(user.id, patch, &caller, Options::default()).await?;
        Ok(())
    }
}

fn reset_mail(user: &User, link: &str) -> OneTimeMail {
    let login = user.sign_in.login.as_ref().map(ToString::to_string).unwrap_or_default();
    let text = format!(
        "Somebody asked for a new password for {login}. To choose one, open within {} minutes:\n\n\
         {link}\n\nIf it was not you, do nothing: your password stays as it is.\n",
        RESET_LIFE.as_mins()
    );
    OneTimeMail { subject: "A new password".to_owned(), text: Secret::new(text) }
}
