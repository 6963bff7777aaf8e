//! The server's side: challenges, and the verdict over what a client answered.
//! Throttling those who guess, and what a verdict leads to, is decided above.

use subtle::ConstantTimeEq;

use super::counts::Admission;
use super::{
    Algorithm, Credentials, Ha1, HexHash, Nonce, NonceCounts, NonceSecret, Qop, ResponseInput,
    response,
};
use crate::{HeaderName, Message, MessageWriter, Moment, Uri, lex};

/// Challenges and checks for one realm (RFC 8760 section 2). Shared between tasks.
#[derive(Debug)]
pub struct Authenticator {
    realm: Box<str>,
    secret: NonceSecret,
    counts: NonceCounts,
}

/// What an answer to a challenge is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The password is right and this header was not used before.
    Valid,
    /// The password is right, the nonce too old or forgotten: challenge with `stale=true`.
    Stale,
    /// The password is right, but this nonce count was used before: a replay or a retransmission.
    /// Challenge with `stale=true`, so that an honest phone goes on without asking its user.
    Replayed,
    /// The response does not match the password.
    WrongPassword,
    /// The nonce is not ours (a restart, another server): challenge with `stale=true`; nothing was
    /// guessed.
    ForeignNonce,
    /// Another realm or Request-URI, no `qop=auth`, an algorithm the HA1 is not for: challenge
    /// anew.
    Unusable,
}

impl Verdict {
    /// Whether a new challenge should say `stale=true` (RFC 7616 section 3.3).
    pub fn is_stale(self) -> bool {
        matches!(self, Self::Stale | Self::Replayed | Self::ForeignNonce)
    }
}

impl Authenticator {
    /// For a realm, with the key of its nonces and the table of their counts.
    pub fn new(realm: &str, secret: NonceSecret, counts: NonceCounts) -> Self {
        Self { realm: realm.into(), secret, counts }
    }

    /// The realm shown to people by their phones (RFC 3261 section 22.1).
    pub fn realm(&self) -> &str {
        &self.realm
    }

    /// A nonce for one 401 or 407; all its challenges share it. `salt` is random.
    pub fn nonce(&self, salt: [u8; 6], now: Moment) -> Nonce {
        Nonce::issue(&self.secret, &self.realm, salt, now)
    }

    /// The value of one WWW-Authenticate or Proxy-Authenticate header. Send one header for each
    /// algorithm, the preferred first (RFC 8760 section 2.3).
    pub fn challenge(
        &self,
        algorithm: Algorithm,
        nonce: Nonce,
        stale: bool,
    ) -> ChallengeHeader<'_> {
        ChallengeHeader { realm: &self.realm, algorithm, nonce, stale }
    }

    /// Judges a client's answer to the request it came with (RFC 7616 section 3.4, RFC 3261 section
    /// 22.4).
    pub fn verify(
        &self,
        credentials: &Credentials<'_>,
        ha1: &Ha1,
        request: &Message,
        now: Moment,
    ) -> Verdict {
        let usable = credentials.qop == Qop::Auth
            && credentials.algorithm == Some(ha1.algorithm())
            && credentials.realm() == *self.realm
            && is_same_target(credentials.uri, request.uri_text());
        let Some(count) = credentials.count().filter(|_| usable) else { return Verdict::Unusable };
        let Some(nonce) = Nonce::verify(credentials.nonce, &self.secret, &self.realm) else {
            return Verdict::ForeignNonce;
        };
        if !is_right(credentials, ha1, request.method_text()) {
            return Verdict::WrongPassword;
        }
        if now.saturating_sub(nonce.issued()) >= self.counts.lifetime() {
            return Verdict::Stale;
        }
        match self.counts.admit(nonce, count, now) {
            Admission::Fresh => Verdict::Valid,
            Admission::Replayed => Verdict::Replayed,
            Admission::Forgotten => Verdict::Stale,
        }
    }
}

fn is_right(credentials: &Credentials<'_>, ha1: &Ha1, method: &str) -> bool {
    let input = ResponseInput {
        method,
        uri: credentials.uri,
        nonce: credentials.nonce,
        counted: Some((credentials.nc, credentials.cnonce)),
    };
    let expected = response(ha1, input);
    let lower = credentials.response.to_ascii_lowercase();
    expected.as_bytes().ct_eq(&lower).into()
}

/// Whether the `uri` parameter means the Request-URI. Phones leave ports and parameters out on one
/// side; user and host must be the same. A `uri` without user names the server as a whole, whatever
/// it is called: sipp 3.6 writes the server's address for every request (its `-auth_uri`, read 2025).
/// The count of the nonce still keeps such an answer from being used for a second request.
fn is_same_target(uri: &[u8], request_uri: &str) -> bool {
    if uri == request_uri.as_bytes() {
        return true;
    }
    let (Some(Ok(one)), Ok(two)) = (lex::text(uri).map(Uri::parse), Uri::parse(request_uri)) else {
        return false;
    };
    let same_user = one.user_decoded() == two.user_decoded();
    one.user.is_none() || (same_user && one.host.eq_ignore_ascii_case(two.host))
}

/// One challenge as sent (RFC 7616 section 3.3).
#[derive(Clone, Copy, Debug)]
pub struct ChallengeHeader<'a> {
    realm: &'a str,
    algorithm: Algorithm,
    nonce: Nonce,
    stale: bool,
}

impl ChallengeHeader<'_> {
    /// Adds it to a response, as WWW-Authenticate or Proxy-Authenticate.
    pub fn write(&self, name: HeaderName, writer: &mut MessageWriter<'_>) {
        writer.parts(name, &self.parts(&self.nonce.text()));
    }

    fn parts<'a>(&'a self, nonce: &'a HexHash) -> [&'a str; 7] {
        let algorithm = if self.stale { "\", stale=true, algorithm=" } else { "\", algorithm=" };
        let token = self.algorithm.token();
        let (realm, nonce) = (self.realm, nonce.as_str());
        ["Digest realm=\"", realm, "\", nonce=\"", nonce, algorithm, token, ", qop=\"auth\""]
    }
}

impl std::fmt::Display for ChallengeHeader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.parts(&self.nonce.text()).iter().try_for_each(|part| f.write_str(part))
    }
}
