//! An INVITE that begins a call: who sends it, whether it may, and where it goes.

use std::sync::Arc;

use domain::phone::PhoneNumber;
use domain::policy::{Decision, Dialled, OutgoingCall, Rule, Trace, blocked_caller, outgoing};
use domain::resource::{Number, Trunk};
use domain::snapshot::Snapshot;
use domain::user::User;
use sip::{HeaderName, Message, Status};

use super::identity::{Outsider, claimed};
use super::leg::{LegId, Party};
use super::origin::Origin;
use super::route::Goal;
use super::shard::Shard;
use super::signalling::{Asked, Body, Owner, Purpose, Signalling};
use super::state::{Call, Refused, Ringing};
use super::trunk::Outside;
use crate::host::CallEventKind;
use crate::record::Recording;
use crate::registration::auth::Known;
use crate::understood::{is_for_a_known_scheme, not_understood};
use domain::call::{CallParty, Direction, Question};

/// Hops for an INVITE that says nothing (RFC 3261 section 8.1.1.6).
const HOPS: u8 = 70;
/// Words shown are cut here; a longer name is no name.
const SHOWN_LETTERS_MAX: usize = 128;

impl Shard {
    /// Takes an INVITE outside any dialog.
    pub(super) fn arrive(&mut self, asked: Asked) {
        if let Err(status) = self.is_sound(&asked) {
            self.refuse_unsound(&asked, status);
            return;
        }
        if self.calls.len() >= self.signalling.shared.config.limits.calls_per_shard {
            self.signalling.shared.counters.shed.add();
            self.refuse_unsound(&asked, Status::SERVICE_UNAVAILABLE);
            return;
        }
        let Some(origin) = self.origin(&asked) else { return };
        self.signalling.shared.counters.calls.add();
        let call = begin(&mut self.signalling, asked, &origin, self.last_key + 1);
        let Some(mut call) = call else { return };
        self.last_key = call.key;
        self.open.insert(call.merge_key.clone());
        match origin {
            Origin::User(known) => call.begin_for_user(&mut self.signalling, &known),
            Origin::Trunk(account, trunk) => {
                call.begin_for_trunk(&mut self.signalling, &account, &trunk);
            }
        }
        self.keep(call);
    }

    /// What must hold before anybody is asked who he is (RFC 3261 section 8.2).
    fn is_sound(&self, asked: &Asked) -> Result<(), Status> {
        let request = &asked.request;
        if request.max_forwards() == Some(0) {
            return Err(Status::TOO_MANY_HOPS);
        }
        if !is_for_a_known_scheme(request) {
            return Err(Status::UNSUPPORTED_URI_SCHEME);
        }
        // An INVITE of our own that came back by some proxy, or one that forked before it came.
        let ours = request.from_tag().is_some_and(|tag| self.signalling.dialogs.contains_key(tag));
        if ours || self.open.contains(&merge_key(request)) {
            return Err(Status::LOOP_DETECTED);
        }
        if not_understood(request).is_some() {
            return Err(Status::BAD_EXTENSION);
        }
        let kind = request.content_type();
        if !request.body().is_empty() && kind.is_none_or(|it| it != "application/sdp") {
            return Err(Status::UNSUPPORTED_MEDIA_TYPE);
        }
        if request.body().len() > sip::sdp::SDP_BYTES_MAX {
            return Err(Status::REQUEST_ENTITY_TOO_LARGE);
        }
        let session = self.signalling.shared.config.session;
        if session.answer(request, self.signalling.now).is_err() {
            return Err(Status::SESSION_INTERVAL_TOO_SMALL);
        }
        request.contact_uri().map(|_| ()).ok_or(Status::BAD_REQUEST)
    }

    fn refuse_unsound(&mut self, asked: &Asked, status: Status) {
        let tag = self.signalling.shared.tokens.tag();
        let request = asked.request.clone();
        let least_session = self.signalling.shared.config.session.seconds_min.max(90);
        let write = |writer: &mut sip::MessageWriter<'_>| match status {
            Status::BAD_EXTENSION => {
                writer
                    .header(HeaderName::Unsupported, not_understood(&request).unwrap_or_default());
            }
            Status::UNSUPPORTED_MEDIA_TYPE => {
                writer.header(HeaderName::Accept, "application/sdp");
            }
            Status::SESSION_INTERVAL_TOO_SMALL => {
                writer.display(HeaderName::MinSe, least_session);
            }
            Status::SERVICE_UNAVAILABLE => {
                writer.display(HeaderName::RetryAfter, crate::listener::RETRY_SECONDS);
            }
            _ => {}
        };
        self.signalling.answer(asked, (status, &tag), write, None);
    }
}

/// A call with its caller's leg, told that it is being worked on.
fn begin(signalling: &mut Signalling, asked: Asked, origin: &Origin, key: u64) -> Option<Call> {
    let (account, party, direction) = match origin {
        Origin::User(known) => {
            let devices = signalling.shared.bindings.of(known.user.serial, signalling.clock);
            let contact = asked.request.contact_uri().unwrap_or_default();
            let device = devices.into_iter().find(|it| it.is_at(contact));
            let party = Party::User { user: known.user.serial, device };
            (known.account.account.id, party, Direction::Internal)
        }
        Origin::Trunk(account, trunk) => {
            let party = Party::Trunk { trunk: trunk.id, for_user: None };
            (account.account.id, party, Direction::Inbound)
        }
    };
    let now = signalling.clock;
    let recording = Recording::new(signalling.shared.tokens.call_id(now), direction, now);
    let mut call = Call::new(key, account, recording);
    call.offer = Body::of(&asked.request);
    call.merge_key = merge_key(&asked.request);
    call.hops = asked.request.max_forwards().unwrap_or(HOPS).saturating_sub(1);
    let leg = call.add_leg(signalling, party, asked.way.clone())?;
    let owner = Owner { call: key, leg, purpose: Purpose::Invited };
    signalling.own(asked.transaction, owner);
    signalling.answer(&asked, (Status::TRYING, ""), |_| {}, None);
    let leg = call.leg_mut(leg)?;
    leg.takes_update = asked.request.tokens(HeaderName::Allow).any(|it| it == "UPDATE");
    leg.asked = Some(asked);
    Some(call)
}

impl Call {
    pub(super) fn new(key: u64, account: domain::id::AccountId, recording: Recording) -> Self {
        Self {
            key,
            account,
            recording,
            legs: Vec::new(),
            caller: LegId(0),
            offer: None,
            ringing: Ringing::default(),
            pair: None,
            passing: Vec::new(),
            transfer: None,
            click: None,
            talk_max: None,
            talk_until: None,
            busy: std::collections::BTreeSet::new(),
            trunks: Vec::new(),
            hops: HOPS,
            redirected: false,
            ending: None,
            merge_key: Box::default(),
        }
    }

    /// A user's phone calls.
    fn begin_for_user(&mut self, signalling: &mut Signalling, known: &Known) {
        let Some(asked) = self.leg(LegId(0)).and_then(|leg| leg.asked.clone()) else { return };
        let (account, user) = (&known.account, &known.user);
        let text = dialled_text(&asked.request);
        self.recording.caller = party_of(user);
        self.recording.called.number =
            text.chars().take(SHOWN_LETTERS_MAX).collect::<String>().into();
        // Not before it is known who calls whom.
        self.announce(signalling, CallEventKind::Started);
        let claim = claimed(&asked.request);
        let hidden = asked.request.privacy().hides_identity();
        self.dial(signalling, (account, user), &text, (claim.as_deref(), hidden));
    }

    /// A user dials: policy, then the way there.
    pub(super) fn dial(
        &mut self,
        signalling: &mut Signalling,
        (account, user): (&Arc<Snapshot>, &Arc<User>),
        text: &str,
        (claim, hidden): (Option<&str>, bool),
    ) {
        let country = account.account.country;
        let dialled = Dialled::parse(text, account);
        let mut facts = signalling.shared.facts(user);
        if self.busy.insert(user.serial) {
            facts.calls = signalling.shared.activity.begin(user.serial);
        } else {
            facts.calls = facts.calls.saturating_sub(1);
        }
        // Inside the account nobody looks at it, and reading a number costs more than the decision.
        let claimed_caller_id = claim
            .filter(|_| dialled.leaves_the_account())
            .and_then(|it| PhoneNumber::parse(it, country).ok());
        let call = OutgoingCall { dialled, claimed_caller_id, facts };
        let outgoing = outgoing(account, user, &call, Trace::On);
        self.decided(signalling, Question::Outgoing, user, &outgoing.decision);
        if !outgoing.decision.is_allowed() {
            signalling.shared.counters.refused.add();
            let rule = &outgoing.decision.rule;
            self.refuse(signalling, Refused::by(rule, crate::refusal::status_of(rule)));
            return;
        }
        let number = match dialled {
            Dialled::Extension { user, kind } => {
                self.go(signalling, Goal::User { user, kind });
                return;
            }
            Dialled::Team(team) => {
                self.go(signalling, Goal::Team(team));
                return;
            }
            Dialled::Emergency => text.to_owned(),
            Dialled::Number { number, .. } => number.e164(),
            // Refused above; said here so that nothing falls through.
            Dialled::Nothing => {
                self.refuse(signalling, Refused::plain(Status::NOT_FOUND));
                return;
            }
        };
        let presentation = &outgoing.presentation;
        if self.recording.direction == Direction::Internal {
            self.recording.direction = Direction::Outbound;
        }
        self.recording.shown = presentation.caller_id.map(|it| it.number.e164().into());
        self.recording.shown_because = Some(presentation.why);
        let outside = Outside {
            number: number.into(),
            presentation: outgoing.presentation,
            hidden,
            emergency: dialled == Dialled::Emergency,
            for_user: None,
            tried: Vec::new(),
        };
        let ring = signalling.shared.config.ring * 2;
        self.ringing.deadline = Some(signalling.now + ring);
        if !self.invite_trunk(signalling, account, outside) {
            self.nobody_rings(signalling, Refused::plain(Status::SERVICE_UNAVAILABLE));
        }
    }

    /// The public network calls.
    fn begin_for_trunk(
        &mut self,
        signalling: &mut Signalling,
        account: &Arc<Snapshot>,
        trunk: &Trunk,
    ) {
        let Some(asked) = self.leg(LegId(0)).and_then(|leg| leg.asked.clone()) else { return };
        let caller = Outsider::of(&asked.request);
        let text = dialled_text(&asked.request);
        self.recording.trunk = Some(trunk.id);
        self.recording.caller =
            CallParty { number: caller.number.clone(), name: caller.name.clone(), user: None };
        self.recording.called.number = text.clone().into();
        let country = account.account.country;
        let dialled = PhoneNumber::parse(&text, country).ok();
        let number = dialled.and_then(|dialled| account.number_dialled(dialled));
        if let Some(number) = number {
            self.recording.number = Some(number.id);
            self.recording.called.number = number.number.e164().into();
        }
        self.announce(signalling, CallEventKind::Started);
        if !signalling.shared.activity.begin_trunk(trunk.id, trunk.calls_max) {
            self.refuse(signalling, Refused::plain(Status::SERVICE_UNAVAILABLE));
            return;
        }
        self.trunks.push(trunk.id);
        let Some(number) = number else {
            let rule = Rule::NoSuchDestination;
            self.refuse(signalling, Refused::by(&rule, Status::NOT_FOUND));
            return;
        };
        let caller_number = PhoneNumber::parse(&caller.number, country).ok();
        self.call_number(signalling, account, number, caller_number);
    }

    fn call_number(
        &mut self,
        signalling: &mut Signalling,
        account: &Arc<Snapshot>,
        number: &Number,
        caller: Option<PhoneNumber>,
    ) {
        let blocked = caller.and_then(|caller| blocked_caller(account, caller, Some(number.id)));
        if let Some(rule) = blocked {
            signalling.shared.counters.refused.add();
            let decision = (&Decision::of(rule), signalling.clock);
            self.recording.decided(Question::BlockedCaller, None, decision);
            self.refuse(signalling, Refused::by(&rule, Status::FORBIDDEN));
            return;
        }
        if let Some(destination) = number.destination {
            self.go_to(signalling, destination);
        } else {
            let rule = Rule::NoSuchDestination;
            self.refuse(signalling, Refused::by(&rule, Status::NOT_FOUND));
        }
    }

    pub(super) fn decided(
        &mut self,
        signalling: &Signalling,
        question: Question,
        user: &User,
        decision: &Decision,
    ) {
        let at = signalling.clock;
        self.recording.decided(question, Some(user.serial), (decision, at));
    }
}

/// What is the same in one request that comes over two paths (RFC 3261 section 8.2.2.2).
fn merge_key(request: &Message) -> Box<[u8]> {
    let tag = request.from_tag().unwrap_or_default();
    let number = request.cseq().number.to_be_bytes();
    [request.call_id(), b" ", tag.as_bytes(), b" ", &number].concat().into()
}

/// What was dialled, as policy reads it.
pub(super) fn dialled_text(request: &Message) -> String {
    let Ok(uri) = request.uri() else { return String::new() };
    let text = uri.dialled().or_else(|| uri.user_decoded()).unwrap_or_default();
    text.chars().take(SHOWN_LETTERS_MAX).collect()
}

/// A user as a record shows him.
pub(super) fn party_of(user: &User) -> CallParty {
    let extension = user.telephone.extension.map(|it| it.to_string()).unwrap_or_default();
    CallParty { number: extension.into(), name: user.name().into(), user: Some(user.serial) }
}
