//! What connects an account to the world: credentials, trunks and webhooks.
//! Whether the other side answers is not tried here.

use super::Check;
use crate::credential::{Credential, Proof, Voice};
use crate::fault::Fault;
use crate::read::LIST_MAX;
use crate::resource::{Trunk, Webhook};
use crate::sip_uri::is_place;

/// What servers and proxies take.
pub const URL_BYTES_MAX: usize = 2_048;
/// More kinds of event than there are.
pub const EVENTS_MAX: usize = 64;
/// One event's word, and a trunk's user name.
pub const WORD_BYTES_MAX: usize = 128;
const WORD_TOO_LONG: Fault = Fault::TooLong { max: WORD_BYTES_MAX };

impl Check<'_> {
    pub(super) fn credential(&mut self, next: &Credential, previous: Option<&Credential>) {
        let account = self.account;
        let others = account.credentials.values().filter(|it| !it.deleted && it.id != next.id);
        self.name(&next.name, others, |credential| &credential.name);
        let fits = opens(&next.proof, next.voice);
        self.require(fits, "voice", Fault::Conflict { with: "this kind of credential" });
        let taken = self.deployment.credential_taken(next);
        self.require(!taken, "proof", Fault::Taken);
        if previous.is_none_or(|previous| previous.role != next.role) {
            self.require(account.role(next.role).is_some(), "role", Fault::Unknown);
        }
        let max = LIST_MAX;
        self.require(next.networks.len() <= max, "networks", Fault::TooMany { max });
        let ends_later = next.expires_at.is_none_or(|end| end > next.created_at);
        self.require(ends_later, "expires_at", Fault::Conflict { with: "its creation" });
    }

    pub(super) fn trunk(&mut self, next: &Trunk) {
        let account = self.account;
        let others = account.trunks.values().filter(|it| !it.deleted && it.id != next.id);
        self.name(&next.name, others, |trunk| &trunk.name);
        let expected = "a host name or address, optionally with a port";
        self.require(is_place(&next.host), "host", Fault::Malformed { expected });
        self.require(next.host.len() <= WORD_BYTES_MAX, "host", WORD_TOO_LONG);
        let username = next.username.as_deref().unwrap_or_default();
        self.require(username.len() <= WORD_BYTES_MAX, "username", WORD_TOO_LONG);
        let plain = !username.contains(|it: char| it.is_control() || it == '"' || it == '\\');
        self.require(plain, "username", Fault::Malformed { expected: "a SIP user name" });
        let named = next.password.is_none() || !username.is_empty();
        self.require(named, "password", Fault::Conflict { with: "no username" });
        let max = LIST_MAX;
        self.require(next.networks.len() <= max, "networks", Fault::TooMany { max });
    }

    pub(super) fn webhook(&mut self, next: &Webhook) {
        let account = self.account;
        let others = account.webhooks.values().filter(|it| !it.deleted && it.id != next.id);
        self.name(&next.name, others, |webhook| &webhook.name);
        let expected = "an http or https URL";
        self.require(is_http_url(&next.url), "url", Fault::Malformed { expected });
        self.require(next.url.len() <= URL_BYTES_MAX, "url", Fault::TooLong { max: URL_BYTES_MAX });
        self.require(!next.secret.expose().is_empty(), "secret", Fault::Empty);
        let max = EVENTS_MAX;
        self.require(next.events.len() <= max, "events", Fault::TooMany { max });
        let words = next.events.iter().all(|event| is_event(event));
        self.require(words, "events", Fault::Malformed { expected: "words of events" });
    }
}

/// Which kind of proof each voice's clients can show.
const fn opens(proof: &Proof, voice: Voice) -> bool {
    match voice {
        Voice::Native | Voice::CallerDesk | Voice::Acefone | Voice::Smartflo => {
            matches!(proof, Proof::Token { .. })
        }
        Voice::TeleCmi => matches!(proof, Proof::App { .. }),
        Voice::CommPeak => matches!(proof, Proof::Basic { .. }),
        Voice::Console | Voice::CommandLine | Voice::Sip => false,
    }
}

/// Scheme, host, optional port and a path of visible ASCII; no user name or password, which would
/// be a secret in plain sight.
fn is_http_url(url: &str) -> bool {
    let scheme_end = url.split_once("://");
    let Some((scheme, rest)) = scheme_end else {
        return false;
    };
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    (scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https"))
        && is_place(place)
        && rest.bytes().all(|byte| byte.is_ascii_graphic())
}

fn is_event(word: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-*".contains(&byte);
    (1..=WORD_BYTES_MAX).contains(&word.len()) && word.bytes().all(allowed)
}
