//! Sessions of the media relay: who shares one, who leaves it, and when it ends. The messages whose
//! descriptions go through it are `relayed`'s.

use bytes::Bytes;
use domain::policy::Transport;

use super::leg::{Leg, LegId};
use super::signalling::Signalling;
use super::state::Call;
use crate::relay::{Half, Rewrite, Side};

/// What the relay knows of a leg.
#[derive(Default)]
pub(crate) struct Relayed {
    /// One for all legs of a call, so that a side keeps its place in it whoever it talks to.
    pub(super) session: Option<Box<str>>,
    /// The last description it made itself.
    pub(super) said: Bytes,
    /// Which of two fingerprints a browser has been shown: another tells it that its encryption
    /// begins anew, as it does in another session (RFC 8842 section 3.1).
    pub(super) second_fingerprint: bool,
}

impl Call {
    /// The session of two. Where each has another, because two calls are being joined, a browser
    /// keeps his, so that his encryption goes on; else it is the offering side's.
    pub(super) fn session(&self, offers: &Leg, answers: &Leg) -> Box<str> {
        let browser_answers = side(answers) == Side::Browser && side(offers) == Side::Phone;
        match (&offers.relayed.session, &answers.relayed.session) {
            (Some(_), Some(session)) if browser_answers => session.clone(),
            (Some(session), _) | (None, Some(session)) => session.clone(),
            (None, None) => format!("{}-{}", self.recording.id, offers.id.max(answers.id).0).into(),
        }
    }

    /// Two have been joined: who came from another session is out of it.
    pub(super) fn relay_joined(&mut self, signalling: &Signalling, offers: LegId, answers: LegId) {
        let Some(relay) = signalling.shared.relay.clone() else { return };
        let (Some(one), Some(two)) = (self.leg(offers), self.leg(answers)) else { return };
        let session = self.session(one, two);
        for id in [offers, answers] {
            let Some(leg) = self.leg_mut(id).filter(|leg| leg.changes_to(&session)) else {
                continue;
            };
            leg.relayed.second_fingerprint ^= side(leg) == Side::Browser;
            let left = leg.relayed.session.replace(session.clone());
            let (relay, tag) = (relay.clone(), leg.tag.clone());
            tokio::spawn(async move { relay.delete(&left.unwrap_or_default(), &tag).await });
        }
    }

    /// Two could not be joined: who was only lent to the other's session is out of it, and the two
    /// that talked are put together again, whom the offer had parted.
    pub(super) fn relay_parted(&mut self, signalling: &Signalling, offers: LegId, answers: LegId) {
        let Some(relay) = signalling.shared.relay.clone() else { return };
        let (Some(one), Some(two)) = (self.leg(offers), self.leg(answers)) else { return };
        let session = self.session(one, two);
        let lent = [one, two].into_iter().find(|leg| leg.changes_to(&session));
        if let Some(tag) = lent.map(|leg| leg.tag.clone()) {
            tokio::spawn(async move { relay.delete(&session, &tag).await });
        }
        self.relay_rejoins(signalling);
    }

    /// Puts the two that talk together with what they said last.
    pub(super) fn relay_rejoins(&self, signalling: &Signalling) {
        let Some(relay) = signalling.shared.relay.clone() else { return };
        let pair = self.pair.and_then(|(one, two)| Some((self.leg(one)?, self.leg(two)?)));
        let Some((one, two)) = pair.filter(|(one, two)| !one.is_over() && !two.is_over()) else {
            return;
        };
        let Some(session) = one.relayed.session.clone() else { return };
        let rewrite = |half, by: &Leg, towards: &Leg| Rewrite {
            half,
            session: session.clone(),
            from_tag: one.tag.clone(),
            to_tag: two.tag.clone(),
            by: side(by),
            towards: side(towards),
            second_fingerprint: towards.relayed.second_fingerprint,
            description: by.relayed.said.clone(),
        };
        let both = [rewrite(Half::Offer, one, two), rewrite(Half::Answer, two, one)];
        tokio::spawn(async move {
            for rewrite in both {
                drop(relay.rewrite(&rewrite).await);
            }
        });
    }

    /// Ends what the relay carries for those who are out: phones that rang in vain, a transfer's
    /// former side, everybody when the call ends. Not while it rings: what a browser has heard
    /// early stays where it is.
    pub(super) fn relay_lets_go(&mut self, signalling: &Signalling) {
        let Some(relay) = signalling.shared.relay.clone() else { return };
        let settled = self.pair.is_some() && self.transfer.is_none();
        if !settled && self.ending.is_none() {
            return;
        }
        let out = self.legs.iter_mut().filter(|leg| leg.is_over());
        let out: Vec<_> =
            out.filter_map(|leg| Some((leg.relayed.session.take()?, leg.tag.clone()))).collect();
        if out.is_empty() {
            return;
        }
        tokio::spawn(async move {
            for (session, tag) in out {
                relay.delete(&session, &tag).await;
            }
        });
    }
}

impl Leg {
    /// Whether it is in another session so far.
    pub(super) fn changes_to(&self, session: &str) -> bool {
        self.relayed.session.as_deref().is_some_and(|own| own != session)
    }
}

/// What kind of media a leg speaks.
pub(super) fn side(leg: &Leg) -> Side {
    match leg.way.transport() {
        Transport::WebSocket => Side::Browser,
        Transport::Udp | Transport::Tcp | Transport::Tls => Side::Phone,
    }
}
