//! Pages that keep themselves up to date: a part of a page, rendered anew while somebody looks, and
//! sent as a server-sent event when it reads differently.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use domain::id::AccountId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::answer::Answer;
use crate::fault::Fault;
use crate::session::Signed;

/// Pages of one account that may watch at once: each holds a connection and is rendered anew.
pub(crate) const STREAMS_MAX: usize = 100;
/// How old what a page shows can be.
const EVERY: Duration = Duration::from_secs(1);
/// Silence after which a comment is sent, so that nothing between closes the connection.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How many pages of each account watch.
#[derive(Debug, Default)]
pub(crate) struct Streams(Mutex<HashMap<AccountId, Arc<Semaphore>>>);

impl Streams {
    /// A place for one more, kept while its page is open.
    fn place(&self, account: AccountId) -> Option<OwnedSemaphorePermit> {
        let mut places = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let own = places.entry(account).or_insert_with(|| Arc::new(Semaphore::new(STREAMS_MAX)));
        Arc::clone(own).try_acquire_owned().ok()
    }
}

/// One page that watches.
struct Watch<F> {
    signed: Signed,
    render: F,
    ticks: Interval,
    sent: Option<String>,
    _place: OwnedSemaphorePermit,
}

/// Sends what `render` gives whenever it differs from what was sent. Ends with the session, with
/// the process, and when `render` gives nothing any more.
pub(crate) fn stream<F, W>(signed: Signed, render: F) -> Answer
where
    F: Fn(Signed) -> W + Send + 'static,
    W: Future<Output = Option<String>> + Send + 'static,
{
    let place = signed.console.streams.place(signed.caller.account);
    let place = place.ok_or(Fault::Directory(directory::Error::Busy))?;
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let watch = Watch { signed, render, ticks, sent: None, _place: place };
    let events = futures_util::stream::unfold(watch, |mut watch| async move {
        let text = watch.next().await?;
        Some((Ok::<_, Infallible>(Event::default().data(text)), watch))
    });
    Ok(Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

impl<F, W> Watch<F>
where
    F: Fn(Signed) -> W,
    W: Future<Output = Option<String>>,
{
    async fn next(&mut self) -> Option<String> {
        let directory = self.signed.console.directory.clone();
        loop {
            tokio::select! {
                _ = self.ticks.tick() => {}
                () = directory.ending() => return None,
            }
            let text = (self.render)(self.signed.again()?).await?;
            // A carriage return would end a line of the event.
            let text = text.replace('\r', "");
            if self.sent.as_ref() != Some(&text) {
                self.sent = Some(text.clone());
                return Some(text);
            }
        }
    }
}
