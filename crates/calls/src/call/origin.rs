//! Who sends an INVITE: a trunk, known by its address, or a user, known by his password. What he
//! may do is decided in `arrive`.

use std::sync::Arc;

use domain::phone::PhoneNumber;
use domain::resource::Trunk;
use domain::snapshot::Snapshot;
use sip::message::ResponseHead;
use sip::{HeaderName, Message, MessageWriter, Method, Status};

use super::arrive::dialled_text;
use super::shard::Shard;
use super::signalling::Asked;
use super::trunk::trunks_of;
use crate::listener::{Way, reply_way};
use crate::registration::auth::{Identified, Known};
use crate::registration::registrar::identify;

/// Who calls.
pub(super) enum Origin {
    User(Known),
    Trunk(Arc<Snapshot>, Arc<Trunk>),
}

impl Shard {
    /// Who calls: a trunk by its address, a user by his password. `None`: he was asked for it.
    ///
    /// A request from a trunk's network is a user's where its From names one: phones and a trunk
    /// may share an address, and the worst that follows is a challenge.
    pub(super) fn origin(&mut self, asked: &Asked) -> Option<Origin> {
        let shared = Arc::clone(&self.signalling.shared);
        let deployment = (shared.host.deployment)();
        let trunks: Vec<_> = trunks_of(&deployment, asked.way.remote().ip()).collect();
        let from = asked.request.from().uri().ok();
        let name = from.as_ref().and_then(sip::Uri::user_decoded);
        let is_user = name.is_some_and(|name| {
            trunks.iter().any(|(account, _)| account.user_by_sip_name(&name).is_some())
        });
        if !is_user && let Some((account, trunk)) = whose(&trunks, &asked.request) {
            return Some(Origin::Trunk(Arc::clone(account), Arc::clone(trunk)));
        }
        let known = self.known(asked)?;
        Some(Origin::User(known))
    }

    /// Asks for the password without keeping anything, so that INVITEs with made-up senders cost no
    /// memory and are answered once each (RFC 3261 section 8.2.7).
    pub(super) fn challenge_statelessly(&mut self, message: &Message, way: &Way) -> bool {
        let begins = message.method() == Method::Invite && message.to_tag().is_none();
        let answers = message.headers().any(|header| {
            matches!(header.name, HeaderName::Authorization | HeaderName::ProxyAuthorization)
        });
        let ours = message.from_tag().is_some_and(|tag| self.signalling.dialogs.contains_key(tag));
        if !begins || answers || ours || message.max_forwards() == Some(0) {
            return false;
        }
        let shared = Arc::clone(&self.signalling.shared);
        if trunks_of(&(shared.host.deployment)(), way.remote().ip()).next().is_some() {
            return false;
        }
        let Identified::Challenge(challenge) = identify(&shared, message, way) else {
            return false;
        };
        shared.counters.challenged.add();
        let branch = message.branch().unwrap_or_default().as_bytes();
        let to_tag = format!("{:016x}", shared.tokens.mark(branch));
        let status = Status::UNAUTHORIZED;
        let head = ResponseHead { status, to_tag: &to_tag, source: Some(way.remote()) };
        let mut writer = MessageWriter::response(&mut self.signalling.out.text, message, head);
        let randomness = (&shared.tokens, self.signalling.now);
        shared.auth.write(&mut writer, &challenge, (message, way.transport()), randomness);
        writer.finish();
        self.signalling.out.send_text(&shared, &reply_way(message, way));
        true
    }

    /// The user who knows the password for this request; `None`: he was asked for it, or refused.
    pub(super) fn known(&mut self, asked: &Asked) -> Option<Known> {
        let shared = Arc::clone(&self.signalling.shared);
        let tag = shared.tokens.tag();
        let signalling = &mut self.signalling;
        match identify(&shared, &asked.request, &asked.way) {
            Identified::User(known) => return Some(known),
            Identified::UnknownDomain => {
                signalling.answer_plainly(asked, Status::NOT_FOUND);
            }
            Identified::Locked { seconds } => {
                let write = |writer: &mut MessageWriter<'_>| {
                    writer.display(HeaderName::RetryAfter, seconds);
                };
                signalling.answer(asked, (Status::SERVICE_UNAVAILABLE, &tag), write, None);
            }
            Identified::Challenge(challenge) => {
                shared.counters.challenged.add();
                let now = signalling.now;
                let write = |writer: &mut MessageWriter<'_>| {
                    shared.auth.write(
                        writer,
                        &challenge,
                        (&asked.request, asked.way.transport()),
                        (&shared.tokens, now),
                    );
                };
                signalling.answer(asked, (Status::UNAUTHORIZED, &tag), write, None);
            }
        }
        None
    }
}

/// A carrier may serve several accounts from one address: the call is that one's whose number is
/// called.
fn whose<'a>(
    trunks: &[(&'a Arc<Snapshot>, &'a Arc<Trunk>)],
    request: &Message,
) -> Option<(&'a Arc<Snapshot>, &'a Arc<Trunk>)> {
    let (first, others) = trunks.split_first()?;
    if others.is_empty() {
        return Some(*first);
    }
    let text = dialled_text(request);
    let has_number = |account: &Snapshot| {
        let called = PhoneNumber::parse(&text, account.account.country).ok();
        called.is_some_and(|called| account.number_dialled(called).is_some())
    };
    let found = trunks.iter().find(|(account, _)| has_number(account));
    Some(*found.unwrap_or(first))
}
