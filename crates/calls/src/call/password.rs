//! A trunk's password: shown when its other side asks for it, and from then on in every request of
//! the call, which it would ask for it again (RFC 3261 section 22.3).

use domain::resource::Trunk;
use sip::digest::{ClientAnswer, Ha1};
use sip::{HeaderName, Message, Method, Status};

/// What the other side asked, and what answers it.
#[derive(Clone)]
pub(crate) struct Credentials {
    /// The 401 or 407, read again for every answer.
    challenge: Message,
    username: Box<str>,
    ha1: Ha1,
    /// How often its nonce was answered.
    answers: u32,
}

impl Credentials {
    /// None where the trunk has no password, or nothing is asked that we could answer.
    pub(super) fn of(trunk: &Trunk, response: &Message) -> Option<Self> {
        let (username, password) = (trunk.username.clone()?, trunk.password.as_ref()?);
        let challenge = response.challenges().next()?;
        let realm = challenge.realm();
        let ha1 = Ha1::of(challenge.algorithm, &username, &realm, password.expose());
        Some(Self { challenge: response.clone(), username, ha1, answers: 0 })
    }

    /// The header that goes with one more request, and its value.
    pub(super) fn answer(
        &mut self,
        (method, uri): (Method, &str),
        cnonce: &str,
    ) -> Option<(HeaderName, Vec<u8>)> {
        self.answers += 1;
        let challenge = self.challenge.challenges().next()?;
        let value = challenge.answer(ClientAnswer {
            username: &self.username,
            ha1: &self.ha1,
            method: method.token(),
            uri,
            count: self.answers,
            cnonce,
        });
        let header = match self.challenge.status() {
            Some(Status::UNAUTHORIZED) => HeaderName::Authorization,
            Some(_) | None => HeaderName::ProxyAuthorization,
        };
        Some((header, value))
    }
}
