//! What every handle on the directory shares.

use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use domain::call::CallEvent;
use domain::deployment::Deployment;
use domain::diff::FieldDiff;
use domain::policy::endings::Ended;
use store::Store;
use tokio::sync::{broadcast, mpsc, watch};

use crate::clock::Clock;
use crate::enforce::Enforcer;
use crate::last_used::LastUsed;
use crate::mail_code::MailCodes;
use crate::operation::{Asked, ChangeEvent, Subject};
use crate::password_reset::PasswordResets;
use crate::post::SharedPost;
use crate::requests::Requests;
use crate::second_factor::CodesUsed;
use crate::session::Sessions;
use crate::softphone::Softphones;
use crate::switchboard::SharedSwitchboard;
use crate::throttle::Throttle;
use crate::writer::Job;

/// Events held for a slow listener; beyond it he is told that he missed some.
pub(crate) const EVENTS_MAX: usize = 4_096;

pub(crate) struct Shared {
    pub(crate) deployment: ArcSwap<Deployment>,
    pub(crate) store: Store,
    pub(crate) clock: Clock,
    pub(crate) sessions: Sessions,
    pub(crate) softphones: Softphones,
    pub(crate) last_used: LastUsed,
    pub(crate) requests: Requests,
    pub(crate) throttle: Throttle,
    pub(crate) codes_used: CodesUsed,
    pub(crate) mail_codes: MailCodes,
    pub(crate) password_resets: PasswordResets,
    pub(crate) post: OnceLock<SharedPost>,
    pub(crate) enforcer: OnceLock<Enforcer>,
    pub(crate) switchboard: OnceLock<SharedSwitchboard>,
    pub(crate) events: broadcast::Sender<Arc<ChangeEvent>>,
    pub(crate) call_events: broadcast::Sender<Arc<CallEvent>>,
    /// Whether the process is ending: whoever listens for events then stops.
    pub(crate) is_ending: watch::Sender<bool>,
}

/// A handle's way to the writer; the writer ends when the last one is gone.
pub(crate) type Jobs = mpsc::Sender<Job>;

impl Shared {
    /// Tells live pages, webhooks and event streams of a committed change.
    pub(crate) fn publish(
        &self,
        sequence: Option<u64>,
        asked: &Asked,
        subject: Subject,
        what: (&[FieldDiff], Ended),
    ) {
        let Some(sequence) = sequence.filter(|_| self.events.receiver_count() > 0) else {
            return;
        };
        let (diff, ended) = what;
        let event = ChangeEvent {
            sequence,
            account: asked.caller.account,
            subject,
            at: asked.now,
            caller: asked.caller.name.clone(),
            voice: asked.caller.voice,
            diff: diff.to_vec(),
            ended,
        };
        // Nobody listening any more is no failure.
        let _ = self.events.send(Arc::new(event));
    }
}
