//! What a webhook is told of a call: read once, written in Rollcall's own words or in a vendor's.
//! Pure: who hears of it, and that it arrives, is decided where it is sent.

use directory::KeptRecord;
use domain::call::{
    CallEvent, CallEventKind, CallParty, CallReference, CallResult, Direction, LegRecord,
};
use domain::id::{CallId, Serial, TeamId};
use domain::phone::PhoneNumber;
use domain::resource::WebhookFormat;
use domain::snapshot::Snapshot;
use domain::user::User;
use domain::zone::TimeZone;
use jiff::Timestamp;
use serde_json::Value;

use crate::dialect::call_sides::{CallSides, of_live, of_record, own_number, seconds};
use crate::dialect::hangup_cause::hangup_cause;
use crate::dialect::{callerdesk, commpeak, platform, stamp, telecmi};
use crate::native;

/// Something that happened to a call, with the account it belongs to.
#[derive(Clone, Copy, Debug)]
pub struct CallNews<'a> {
    pub account: &'a Snapshot,
    pub what: Happened<'a>,
}

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Happened<'a> {
    /// The call goes on.
    GoingOn(&'a CallEvent),
    /// The call is over and kept.
    Finished(&'a KeptRecord),
}

impl<'a> CallNews<'a> {
    /// The events a webhook may ask for to hear of this, the first one being its name: a missed
    /// call has two.
    #[must_use]
    pub fn events(&self) -> &'static [&'static str] {
        match self.what {
            Happened::GoingOn(CallEvent { kind: CallEventKind::Started, .. }) => &["call.started"],
            Happened::GoingOn(CallEvent { kind: CallEventKind::Ringing, .. }) => &["call.ringing"],
            Happened::GoingOn(CallEvent { kind: CallEventKind::Answered, .. }) => {
                &["call.answered"]
            }
            // Its record follows.
            Happened::GoingOn(CallEvent { kind: CallEventKind::Ended, .. }) => &[],
            Happened::Finished(kept) => match kept.record.result {
                CallResult::Missed => &["call.ended", "call.missed"],
                CallResult::Answered
                | CallResult::Busy
                | CallResult::Refused
                | CallResult::Failed => &["call.ended"],
            },
        }
    }

    /// The body of Rollcall's own event, but for the `id` of the message.
    #[must_use]
    pub fn own_body(&self, id: &str, event: &str) -> String {
        native::call_event(self, id, event)
    }

    /// What a vendor tells of it, in the order it does; nothing where he has no words for it.
    #[must_use]
    pub fn vendor_bodies(&self, format: WebhookFormat) -> Vec<Value> {
        match format {
            WebhookFormat::Rollcall => Vec::new(),
            WebhookFormat::Callerdesk => callerdesk::call_news(self).into_iter().collect(),
            WebhookFormat::Telecmi => telecmi::call_news(self),
            WebhookFormat::Acefone => vec![platform::acefone_call_news(self)],
            WebhookFormat::Smartflo => vec![platform::smartflo_call_news(self)],
            WebhookFormat::Commpeak => commpeak::call_news(self).into_iter().collect(),
        }
    }

    /// What the system that placed the call calls it.
    pub(crate) const fn reference(&self) -> Option<&'a CallReference> {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => call.reference.as_ref(),
            Happened::Finished(kept) => kept.record.reference.as_ref(),
        }
    }

    /// Its record, once it is over.
    pub(crate) const fn finished(&self) -> Option<&'a KeptRecord> {
        match self.what {
            Happened::GoingOn(..) => None,
            Happened::Finished(kept) => Some(kept),
        }
    }

    /// How the call is known to operators.
    pub(crate) const fn id(&self) -> CallId {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => call.id,
            Happened::Finished(kept) => kept.record.id,
        }
    }

    pub(crate) const fn direction(&self) -> Direction {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => call.direction,
            Happened::Finished(kept) => kept.record.direction,
        }
    }

    pub(crate) const fn caller(&self) -> &'a CallParty {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => &call.caller,
            Happened::Finished(kept) => &kept.record.caller,
        }
    }

    pub(crate) const fn called(&self) -> &'a CallParty {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => &call.called,
            Happened::Finished(kept) => &kept.record.called,
        }
    }

    /// When it happened.
    pub(crate) const fn at(&self) -> Timestamp {
        match self.what {
            Happened::GoingOn(event) => event.at,
            Happened::Finished(kept) => kept.record.ended_at,
        }
    }

    pub(crate) const fn started_at(&self) -> Timestamp {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => call.started_at,
            Happened::Finished(kept) => kept.record.started_at,
        }
    }

    pub(crate) const fn answered_at(&self) -> Option<Timestamp> {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => call.answered_at,
            Happened::Finished(kept) => kept.record.answered_at,
        }
    }

    pub(crate) fn ended_at(&self) -> Option<Timestamp> {
        self.finished().map(|kept| kept.record.ended_at)
    }

    /// Whole seconds from its beginning to its end.
    pub(crate) fn seconds(&self) -> i64 {
        self.ended_at().map_or(0, |end| seconds(self.started_at(), end))
    }

    /// Whole seconds of talk.
    pub(crate) fn talk_seconds(&self) -> i64 {
        self.answered_at().zip(self.ended_at()).map_or(0, |(from, to)| seconds(from, to))
    }

    /// From the public network; a call between users is one from here, by the one who calls.
    pub(crate) const fn is_incoming(&self) -> bool {
        matches!(self.direction(), Direction::Inbound)
    }

    /// The account's number of the call: the one called, or the one shown to the public network.
    pub(crate) fn own_number(&self) -> Option<PhoneNumber> {
        let (number, shown) = match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => (call.number, call.shown.as_deref()),
            Happened::Finished(kept) => (kept.record.number, kept.record.shown.as_deref()),
        };
        own_number(number, shown, self.account).map(|it| it.number)
    }

    /// The side that is no agent's: who calls in, or who is called from here.
    pub(crate) fn customer(&self) -> &'a CallParty {
        self.sides().customer
    }

    /// The user vendors call the agent: who answers or is rung, or who calls from here.
    pub(crate) fn agent(&self) -> Option<&'a User> {
        self.sides().agent.and_then(|serial| self.user(serial))
    }

    fn sides(&self) -> CallSides<'a> {
        match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => of_live(call),
            Happened::Finished(kept) => of_record(&kept.record),
        }
    }

    pub(crate) fn user(&self, serial: Serial) -> Option<&'a User> {
        self.account.user_by_serial(serial).map(AsRef::as_ref)
    }

    /// The name of the team that was rung first.
    pub(crate) fn team(&self) -> Option<&'a str> {
        let team: Option<TeamId> = match self.what {
            Happened::GoingOn(CallEvent { call, .. }) => call.team,
            Happened::Finished(kept) => kept.record.team,
        };
        team.and_then(|id| self.account.teams.get(&id)).map(|team| team.name.as_str())
    }

    pub(crate) fn is_answered(&self) -> bool {
        self.answered_at().is_some()
    }

    pub(crate) fn result(&self) -> Option<CallResult> {
        self.finished().map(|kept| kept.record.result)
    }

    /// The last SIP status the caller was sent.
    pub(crate) fn status(&self) -> Option<u16> {
        self.finished().map(|kept| kept.record.status)
    }

    /// When the first device, or the other end of an outgoing call, rang.
    pub(crate) fn rang_at(&self) -> Option<Timestamp> {
        self.legs().iter().filter_map(|leg| leg.rang_at).min()
    }

    /// Whole seconds from the first ring to the answer, or to the end where nobody answered.
    pub(crate) fn ring_seconds(&self) -> i64 {
        let until = self.answered_at().or_else(|| self.ended_at());
        self.rang_at().zip(until).map_or(0, |(from, to)| seconds(from, to))
    }

    /// Who missed it.
    pub(crate) fn missed(&self) -> &'a [Serial] {
        self.finished().map(|kept| &*kept.record.missed).unwrap_or_default()
    }

    /// When the agent's own device answered.
    pub(crate) fn agent_answered_at(&self) -> Option<Timestamp> {
        let agent = self.agent()?.serial;
        let own = self.legs().iter().filter(|leg| leg.user == Some(agent));
        own.filter_map(|leg| leg.answered_at).min()
    }

    fn legs(&self) -> &'a [LegRecord] {
        self.finished().map(|kept| &*kept.record.legs).unwrap_or_default()
    }

    /// Empty while it goes on.
    pub(crate) fn hangup_cause(&self) -> &'static str {
        self.finished().map(|kept| hangup_cause(&kept.record)).unwrap_or_default()
    }
}

/// Where the user's telephone is: his own number, or his extension.
pub(crate) fn number_of(user: &User) -> String {
    let phone = user.identity.phone.map(PhoneNumber::e164);
    let extension = || user.telephone.extension.as_ref().map(ToString::to_string);
    phone.or_else(extension).unwrap_or_default()
}

/// `YYYY-MM-DD HH:MM:SS` on the clock of this zone.
pub(crate) fn clock_time(at: Timestamp, zone: TimeZone) -> String {
    stamp::written(at, zone.rules())
}
