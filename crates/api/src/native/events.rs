//! Changes of the caller's account as they are made and its calls as they go on, as server-sent events.
//! Changes are for who may read history, calls for who may see them. A listener that reconnects gets what he missed from the log; nothing is held for one who is gone.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use axum::response::IntoResponse as _;
use axum::response::sse::{Event, KeepAlive, Sse};
use directory::{ChangeEvent, ChangeFilter, ChangeRow, Order};
use domain::call::CallEvent;
use domain::caller::Caller;
use domain::id::AccountId;
use domain::permission::Permission;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::answer::{Object, write_diff};
use super::asked::Asked;
use super::call_events::write_event;
use super::caller::recognise;
use super::changes;
use super::problem::Problem;

/// Streams one account may have open at once: each holds a connection and a place in the broadcast.
pub(crate) const STREAMS_MAX: usize = 100;
/// Seconds of silence before a comment is sent, so that nothing between closes the connection.
const KEEP_ALIVE_SECONDS: u64 = 15;
/// Changes read from the log at once while catching up.
const CATCH_UP_ROWS: u32 = 200;

pub(crate) fn stream(asked: Asked) -> Result<Response<Body>, Problem> {
    let place = asked.native.streams.place(asked.caller.account);
    let place = place.ok_or_else(|| Problem::busy("too many event streams are open"))?;
    let seen = last_event_id(&asked)?;
    let listener = Listener {
        changes: asked.directory().events(),
        calls: asked.directory().call_events(),
        catching_up: seen.is_some() && asked.caller.may(Permission::HistoryRead),
        seen: seen.unwrap_or(0),
        waiting: VecDeque::new(),
        asked,
        _place: place,
    };
    let events = futures_util::stream::unfold(listener, |mut listener| async move {
        let event = listener.next().await?;
        Some((Ok::<_, Infallible>(event), listener))
    });
    let keep_alive = KeepAlive::new().interval(Duration::from_secs(KEEP_ALIVE_SECONDS));
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// How many streams each account has open.
#[derive(Default)]
pub(crate) struct Streams {
    by_account: Mutex<HashMap<AccountId, Arc<Semaphore>>>,
}

impl Streams {
    /// A place for one more, kept while its stream is open.
    fn place(&self, account: AccountId) -> Option<OwnedSemaphorePermit> {
        let mut places = self.by_account.lock().unwrap_or_else(PoisonError::into_inner);
        let own = places.entry(account).or_insert_with(|| Arc::new(Semaphore::new(STREAMS_MAX)));
        Arc::clone(own).try_acquire_owned().ok()
    }
}

/// The last event a reconnecting client has seen.
fn last_event_id(asked: &Asked) -> Result<Option<u64>, Problem> {
    let Some(value) = asked.headers.get("last-event-id") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    id.map(Some).ok_or_else(|| Problem::malformed("Last-Event-ID must be the id of an event"))
}

/// What an event of a call means to the one who listens.
enum Heard {
    Tell(Event),
    NotForHim,
    End,
}

struct Listener {
    asked: Asked,
    changes: Receiver<Arc<ChangeEvent>>,
    calls: Receiver<Arc<CallEvent>>,
    /// Read from the log and not yet sent.
    waiting: VecDeque<Event>,
    catching_up: bool,
    /// Everything up to this change has been sent or was seen before; live events that the log
    /// has given already are left out by it.
    seen: u64,
    _place: OwnedSemaphorePermit,
}

impl Listener {
    /// `None` ends the stream: the credential no longer opens it, or the process is ending.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Some(event);
            }
            if self.catching_up {
                self.catch_up().await?;
                continue;
            }
            let directory = self.asked.directory().clone();
            let heard = tokio::select! {
                heard = self.changes.recv() => heard,
                heard = self.calls.recv() => match self.call(heard) {
                    Heard::Tell(event) => return Some(event),
                    Heard::NotForHim => continue,
                    Heard::End => return None,
                },
                () = directory.ending() => return None,
            };
            match heard {
                Ok(change) if change.account != self.asked.caller.account => {}
                Ok(change) if change.sequence <= self.seen => {}
                Ok(change) => {
                    if self.caller()?.may(Permission::HistoryRead) {
                        return Some(live(&change));
                    }
                }
                Err(RecvError::Lagged(missed)) => {
                    if self.caller()?.may(Permission::HistoryRead) {
                        return Some(lagged("changes", missed));
                    }
                }
                Err(RecvError::Closed) => return None,
            }
        }
    }

    /// Calls are told only to who may see them; of those that went on while nobody listened, the
    /// records tell.
    fn call(&self, heard: Result<Arc<CallEvent>, RecvError>) -> Heard {
        let happened = match heard {
            Ok(happened) => happened,
            Err(RecvError::Lagged(missed)) => return Heard::Tell(lagged("calls", missed)),
            Err(RecvError::Closed) => return Heard::End,
        };
        if happened.call.account != self.asked.caller.account {
            return Heard::NotForHim;
        }
        let Some(caller) = self.caller() else { return Heard::End };
        let directory = self.asked.directory();
        let Ok(account) = directory.account(&caller) else { return Heard::End };
        if !directory.sees_call(&happened.call, &caller) {
            return Heard::NotForHim;
        }
        let mut out = Vec::new();
        write_event(&mut out, &happened, &account);
        Heard::Tell(event("call", out))
    }

    async fn catch_up(&mut self) -> Option<()> {
        let filter = ChangeFilter {
            after_sequence: Some(self.seen),
            order: Order::OldestFirst,
            limit: CATCH_UP_ROWS,
            ..ChangeFilter::default()
        };
        let rows = self.asked.directory().changes(filter, &self.asked.caller).await.ok()?;
        self.catching_up = rows.len() == CATCH_UP_ROWS as usize;
        self.seen = rows.last().map_or(self.seen, |row| row.sequence);
        self.waiting.extend(rows.iter().map(logged));
        self.caller()?.may(Permission::HistoryRead).then_some(())
    }

    /// Who listens, as his credential has it now; a revoked one hears nothing more.
    fn caller(&self) -> Option<Caller> {
        let (headers, address) = (&self.asked.headers, self.asked.caller.address);
        let caller = recognise(self.asked.directory(), headers, address).ok();
        let may = |caller: &Caller| {
            caller.may(Permission::HistoryRead) || caller.may(Permission::CallsRead)
        };
        caller.filter(may)
    }
}

fn live(change: &ChangeEvent) -> Event {
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.field("sequence", &change.sequence);
    object.field("subject", &change.subject.id);
    object.field("kind", change.subject.kind);
    object.field("version", &change.subject.version);
    object.field("at", &change.at);
    object.field("caller", &change.caller);
    object.field("dialect", change.voice.word());
    object.with("diff", |out| write_diff(out, &change.diff));
    object.field("ended", &change.ended);
    object.end();
    event("change", out).id(change.sequence.to_string())
}

/// As [`live`]; the log does not keep what a change ended.
fn logged(row: &ChangeRow) -> Event {
    let caller: serde_json::Value = serde_json::from_str(&row.caller).unwrap_or_default();
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.field("sequence", &row.sequence);
    object.field("subject", &row.subject);
    object.field("kind", &row.subject_kind);
    object.field("version", &row.version);
    object.field("at", &changes::at(row));
    object.field("caller", &caller.get("name"));
    object.field("dialect", &row.dialect);
    object.text("diff", &row.diff);
    object.text("ended", "null");
    object.end();
    event("change", out).id(row.sequence.to_string())
}

/// Tells a listener who was too slow that he missed some, of any account; the log has the changes,
/// the list of live calls what became of the calls.
fn lagged(of: &str, missed: u64) -> Event {
    let mut out = Vec::new();
    let mut object = Object::begin(&mut out);
    object.field("of", of);
    object.field("missed", &missed);
    object.end();
    event("lagged", out)
}

fn event(name: &str, json: Vec<u8>) -> Event {
    Event::default().event(name).data(String::from_utf8(json).unwrap_or_default())
}
