//! Digest authentication of users: which account a request is for, and whether its sender knows a
//! user's SIP password. What he may do then is policy.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::deployment::Deployment;
use domain::policy::Transport;
use domain::secret::SipDigest;
use domain::snapshot::Snapshot;
use domain::user::User;
use foldhash::fast::RandomState as FastHash;
use sip::digest::{Algorithm, Authenticator, Credentials, Ha1, NonceCounts, NonceSecret, Verdict};
use sip::{HeaderName, Message, MessageWriter, Method, Moment, Uri};

use super::Throttle;
use crate::config::DigestOffer;
use crate::counters::Counters;
use crate::host::Softphone;
use crate::lock::lock;
use crate::token::Tokens;

/// How long a nonce may be answered again; phones that register every minute need few of them.
const NONCE_LIFETIME: Duration = Duration::from_mins(5);
/// Nonces in use per realm, about 60 bytes each: a hundred thousand phones authenticate at once.
const NONCES_MAX: usize = 200_000;
/// Realms with a table of their own; more accounts than that share none, they are just asked anew.
const REALMS_MAX: usize = 10_000;

/// Challenges and verdicts for all accounts.
#[derive(Debug)]
pub(crate) struct Auth {
    offer: DigestOffer,
    secret: NonceSecret,
    realms: Mutex<HashMap<Box<str>, Arc<Authenticator>, FastHash>>,
    /// Answers for names that do not exist are checked against this, so that they take as long.
    nobody: [Ha1; 2],
    pub(crate) throttle: Throttle,
}

/// Who sent a request.
pub(crate) enum Identified {
    User(Known),
    /// Ask for the password.
    Challenge(Challenge),
    /// Too many wrong passwords; may try again after these seconds.
    Locked {
        seconds: u64,
    },
    /// No account has this SIP domain.
    UnknownDomain,
}

/// A user whose password was right.
pub(crate) struct Known {
    pub(crate) account: Arc<Snapshot>,
    pub(crate) user: Arc<User>,
}

/// A challenge to be written.
pub(crate) struct Challenge {
    authenticator: Arc<Authenticator>,
    stale: bool,
}

/// What a request is judged with besides itself.
pub(crate) struct Judge<'a> {
    pub(crate) deployment: &'a Deployment,
    pub(crate) counters: &'a Counters,
    pub(crate) address: IpAddr,
    /// Whose softphone a user name was made for; nobody's where softphones cannot come from.
    pub(crate) softphone: &'a dyn Fn(&str) -> Option<Softphone>,
    /// Whether the address is known for this user already; a name's lock does not hold for it.
    pub(crate) is_known_address: &'a dyn Fn(&User) -> bool,
    pub(crate) now: Moment,
}

impl Auth {
    pub(crate) fn new(random: [u8; 32], offer: DigestOffer) -> Self {
        let secret = NonceSecret::new(random);
        let nobody =
            [Algorithm::Sha256, Algorithm::Md5].map(|algorithm| Ha1::of(algorithm, "", "", ""));
        Self { offer, secret, realms: Mutex::default(), nobody, throttle: Throttle::default() }
    }

    /// Who sent this request, by the digest answer in it.
    pub(crate) fn identify(&self, message: &Message, judge: &Judge<'_>) -> Identified {
        let Some(account) = account_of(message, judge.deployment) else {
            return Identified::UnknownDomain;
        };
        if let Some(seconds) = self.throttle.address_locked(judge.address, judge.now) {
            return Identified::Locked { seconds };
        }
        let authenticator = self.authenticator(&account.account.realm);
        let all = message.authorizations().chain(message.proxy_authorizations());
        let mut ours = all.filter(|it| it.realm() == *account.account.realm);
        let Some(credentials) = ours.find(|it| it.algorithm.is_some()) else {
            return Identified::Challenge(Challenge { authenticator, stale: false });
        };
        self.verify(message, &credentials, (account, authenticator), judge)
    }

    fn verify(
        &self,
        message: &Message,
        credentials: &Credentials<'_>,
        (account, authenticator): (&Arc<Snapshot>, Arc<Authenticator>),
        judge: &Judge<'_>,
    ) -> Identified {
        let name = credentials.username();
        let softphone = (judge.softphone)(&name);
        let user = match &softphone {
            Some(softphone) => account.user(softphone.user),
            None => account.user_by_sip_name(&name),
        };
        let user = user.filter(|user| !user.is_deleted());
        let id = account.account.id;
        if let Some(seconds) = self.throttle.name_locked(id, &name, judge.now)
            && !user.is_some_and(|user| (judge.is_known_address)(user))
        {
            return Identified::Locked { seconds };
        }
        let kept = softphone.as_ref().map(|softphone| &softphone.digest);
        let kept = kept.or_else(|| user.and_then(|user| user.telephone.sip_digest.as_deref()));
        let ha1 = kept.and_then(|digest| ha1(digest, credentials.algorithm));
        let nobody = self.nobody(credentials.algorithm);
        let Some(stored) = ha1.as_ref().or(nobody) else {
            return Identified::Challenge(Challenge { authenticator, stale: false });
        };
        let verdict = authenticator.verify(credentials, stored, message, judge.now);
        match (verdict, user) {
            (Verdict::Valid, Some(user)) => {
                self.throttle.succeeded(id, &name);
                return Identified::User(Known {
                    account: Arc::clone(account),
                    user: Arc::clone(user),
                });
            }
            (Verdict::WrongPassword, _) | (Verdict::Valid, None) => {
                judge.counters.wrong_passwords.add();
                self.throttle.failed(judge.address, id, &name, judge.now);
            }
            (Verdict::Replayed, _) => judge.counters.replayed.add(),
            (Verdict::Stale | Verdict::ForeignNonce | Verdict::Unusable, _) => {}
        }
        Identified::Challenge(Challenge { authenticator, stale: verdict.is_stale() })
    }

    /// Writes a challenge for each algorithm that is offered to the sender of this request.
    pub(crate) fn write(
        &self,
        writer: &mut MessageWriter<'_>,
        challenge: &Challenge,
        (request, transport): (&Message, Transport),
        (tokens, now): (&Tokens, Moment),
    ) {
        let Challenge { authenticator, stale } = challenge;
        let nonce = authenticator.nonce(tokens.salt(), now);
        for algorithm in self.algorithms(request, transport) {
            let header = authenticator.challenge(*algorithm, nonce, *stale);
            header.write(HeaderName::WwwAuthenticate, writer);
        }
    }

    fn algorithms(&self, request: &Message, transport: Transport) -> &'static [Algorithm] {
        match (self.offer, transport) {
            (DigestOffer::Md5Only, _) | (_, Transport::WebSocket) => &[Algorithm::Md5],
            _ if stumbles_over_sha256(request) => &[Algorithm::Md5],
            (DigestOffer::Md5First, _) => &[Algorithm::Md5, Algorithm::Sha256],
            (DigestOffer::Sha256First, _) => &[Algorithm::Sha256, Algorithm::Md5],
        }
    }

    fn authenticator(&self, realm: &str) -> Arc<Authenticator> {
        let mut realms = lock(&self.realms);
        if let Some(found) = realms.get(realm) {
            return Arc::clone(found);
        }
        let counts = NonceCounts::new(NONCES_MAX, NONCE_LIFETIME);
        let made = Arc::new(Authenticator::new(realm, self.secret.clone(), counts));
        if realms.len() >= REALMS_MAX {
            realms.clear();
        }
        realms.insert(realm.into(), Arc::clone(&made));
        made
    }

    fn nobody(&self, algorithm: Option<Algorithm>) -> Option<&Ha1> {
        self.nobody.iter().find(|ha1| Some(ha1.algorithm()) == algorithm)
    }
}

/// Phones that register nowhere once a challenge names SHA-256, even beside MD5: baresip 0 and 1
/// ("Function not implemented", baresip 1.0.0, tried 2025). Browsers' `JsSIP` 3.13 is another, known
/// by its transport (read in its source, 2025).
fn stumbles_over_sha256(request: &Message) -> bool {
    let agent = request.text(HeaderName::UserAgent).unwrap_or_default();
    ["baresip v0.", "baresip v1."].iter().any(|known| agent.starts_with(known))
}

fn ha1(digest: &SipDigest, algorithm: Option<Algorithm>) -> Option<Ha1> {
    match algorithm? {
        Algorithm::Sha256 => Ha1::from_bytes(Algorithm::Sha256, digest.sha256()),
        Algorithm::Md5 => Ha1::from_bytes(Algorithm::Md5, digest.md5()),
    }
}

/// The account a request is for. A REGISTER names it in its Request-URI; with calls it is the
/// caller's, because nobody calls into another account.
pub(crate) fn account_of<'d>(
    message: &Message,
    deployment: &'d Deployment,
) -> Option<&'d Arc<Snapshot>> {
    let of = |uri: Option<Uri<'_>>| {
        let host = uri?.host;
        let as_written = deployment.by_sip_domain(host);
        as_written.or_else(|| deployment.by_sip_domain(&host.to_ascii_lowercase()))
    };
    let by_from = || of(message.from().uri().ok());
    let by_request = || of(message.uri().ok());
    // The second is read only where the first names none.
    if message.method() == Method::Register {
        by_request().or_else(by_from)
    } else {
        by_from().or_else(by_request)
    }
}
