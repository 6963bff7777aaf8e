//! From what a client shows to a caller: tokens, app ids, user names, session tokens.

use std::net::IpAddr;
use std::sync::Arc;

use domain::caller::{Caller, Who};
use domain::credential::{Credential, Proof, TokenDigest, Voice};
use domain::permission::Permissions;
use domain::policy::{Trace, sign_in};
use domain::secret::TokenHash;
use domain::snapshot::Snapshot;
use jiff::Timestamp;

use crate::directory::Directory;
use crate::session::Session;
use crate::throttle::Guesser;

/// Why a client was not recognised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unrecognised {
    /// Unknown, wrong, revoked, expired, or meant for another voice: all answered the same.
    #[error("the credential is not valid")]
    Wrong,
    /// The account is switched off.
    #[error("the account is inactive")]
    Inactive,
    /// The credential may not be shown from this address.
    #[error("the credential may not be used from this address")]
    Address,
    /// Too many wrong ones.
    #[error("too many failures; try again after {until}")]
    Locked { until: Timestamp },
}

impl Directory {
    /// Recognises an API token.
    ///
    /// # Errors
    ///
    /// See [`Unrecognised`].
    pub fn by_token(
        &self,
        token: &str,
        voice: Voice,
        address: Option<IpAddr>,
    ) -> Result<Caller, Unrecognised> {
        let deployment = self.deployment();
        let found = deployment
            .by_token(TokenHash::of(token))
            .filter(|(_, credential)| credential.voice == voice);
        match found {
            Some((account, credential)) => self.admit(account, credential, address),
            None => Err(self.wrong(address, None)),
        }
    }

    /// Recognises a TeleCMI app id with its secret. An app may have several secrets, so that one
    /// can be replaced without a gap.
    ///
    /// # Errors
    ///
    /// See [`Unrecognised`].
    pub fn by_app(
        &self,
        app_id: u32,
        secret: &str,
        address: Option<IpAddr>,
    ) -> Result<Caller, Unrecognised> {
        let deployment = self.deployment();
        let shown = TokenHash::of(secret);
        let matches = |credential: &Credential| match &credential.proof {
            Proof::App { app_id: own, secret } => *own == app_id && *secret == shown,
            Proof::Token { .. } | Proof::Basic { .. } => false,
        };
        let now = self.clock().now();
        let found = deployment.by_app(app_id).and_then(|account| {
            let mut credentials = account.credentials.values();
            let valid = |it: &&Arc<Credential>| account.opens(it, now) && matches(it);
            credentials.find(valid).map(|credential| (account, credential))
        });
        match found {
            Some((account, credential)) => self.admit(account, credential, address),
            None => Err(self.wrong(address, Some(&app_id.to_string()))),
        }
    }

    /// Recognises a CommPeak API user by his password (HTTP Basic).
    ///
    /// # Errors
    ///
    /// See [`Unrecognised`].
    pub fn by_password(
        &self,
        username: &str,
        password: &str,
        address: Option<IpAddr>,
    ) -> Result<Caller, Unrecognised> {
        let shown = TokenHash::of(password);
        self.by_username(username, address, |proof| match proof {
            Proof::Basic { secret, .. } => *secret == shown,
            Proof::Token { .. } | Proof::App { .. } => false,
        })
    }

    /// Recognises a CommPeak API user by an HTTP Digest answer, which `answers` checks against the
    /// stored HA1 (RFC 7616).
    ///
    /// # Errors
    ///
    /// See [`Unrecognised`].
    pub fn by_digest(
        &self,
        username: &str,
        address: Option<IpAddr>,
        answers: impl FnOnce(&TokenDigest) -> bool,
    ) -> Result<Caller, Unrecognised> {
        self.by_username(username, address, |proof| match proof {
            Proof::Basic { ha1_md5, .. } => answers(ha1_md5),
            Proof::Token { .. } | Proof::App { .. } => false,
        })
    }

    fn by_username(
        &self,
        username: &str,
        address: Option<IpAddr>,
        proves: impl FnOnce(&Proof) -> bool,
    ) -> Result<Caller, Unrecognised> {
        let deployment = self.deployment();
        match deployment.by_username(username).filter(|(_, it)| proves(&it.proof)) {
            Some((account, credential)) => self.admit(account, credential, address),
            None => Err(self.wrong(address, Some(username))),
        }
    }

    fn admit(
        &self,
        account: &Snapshot,
        credential: &Credential,
        address: Option<IpAddr>,
    ) -> Result<Caller, Unrecognised> {
        if !account.opens(credential, self.clock().now()) {
            return Err(self.wrong(address, None));
        }
        if !account.account.active {
            return Err(Unrecognised::Inactive);
        }
        if !credential.admits(address) {
            return Err(Unrecognised::Address);
        }
        self.shared.last_used.saw(credential.id, self.clock().now());
        let role = account.role(credential.role).map(|role| role.permissions).unwrap_or_default();
        Ok(Caller {
            account: account.account.id,
            who: Who::Credential(credential.id),
            name: credential.name.as_str().into(),
            permissions: credential.scope.map_or(role, |scope| scope.and(role)),
            voice: credential.voice,
            address,
        })
    }

    /// Recognises the token of a live session. The user's standing and rights are read anew. A
    /// wrong one is not counted: nobody guesses 160 bits, and voices ask this before other proofs.
    /// An account switched off is told as to whoever shows a token of it.
    ///
    /// # Errors
    ///
    /// See [`Unrecognised`].
    pub fn by_session(
        &self,
        token: &str,
        voice: Voice,
        address: Option<IpAddr>,
    ) -> Result<(Caller, Arc<Session>), Unrecognised> {
        let session = self
            .shared
            .sessions
            .find(TokenHash::of(token))
            .filter(|session| session.voice == voice)
            .ok_or(Unrecognised::Wrong)?;
        let deployment = self.deployment();
        let account = deployment.account(session.account).ok_or(Unrecognised::Wrong)?;
        if !account.account.active {
            return Err(Unrecognised::Inactive);
        }
        let user = account.user(session.user).ok_or(Unrecognised::Wrong)?;
        if !sign_in(account, user, address, Trace::Off).decision.is_allowed() {
            return Err(Unrecognised::Wrong);
        }
        let permissions =
            account.role(user.role).map_or(Permissions::NONE, |role| role.permissions);
        let caller = Caller {
            account: session.account,
            who: Who::User { user: user.id, session: session.id },
            name: user.name().into(),
            permissions,
            voice,
            address,
        };
        Ok((caller, session))
    }

    /// A wrong credential: counted, and after too many answered with a lock.
    fn wrong(&self, address: Option<IpAddr>, name: Option<&str>) -> Unrecognised {
        let guessers = [address.map(Guesser::address), name.map(Guesser::name)];
        for guesser in guessers.into_iter().flatten() {
            if let Some(until) = self.shared.throttle.locked_until(&guesser) {
                return Unrecognised::Locked { until };
            }
            self.shared.throttle.failed(guesser);
        }
        Unrecognised::Wrong
    }
}
