//! The worker: hands what is due to the courier, a bounded number at once, until it is stopped.
//! It decides nothing; the queue says what is next.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Semaphore, watch};

use super::courier::Courier;
use super::limits::ATTEMPTS_AT_ONCE;
use super::outbox::Outbox;
use super::queue::Next;

/// Attempts under way when the process ends may take so long to finish; what does not is repeated
/// by the next process.
const STOP_LONGEST: Duration = Duration::from_secs(5);
/// The clock is looked at so often even where nothing seems to come.
const SLEEP_LONGEST: Duration = Duration::from_mins(1);

/// Runs until `stop` says so, then waits for what is under way.
pub(super) async fn run(
    outbox: Arc<Outbox>,
    courier: Arc<Courier>,
    mut stop: watch::Receiver<bool>,
) {
    let places = Arc::new(Semaphore::new(ATTEMPTS_AT_ONCE));
    tokio::select! {
        () = deliver(&outbox, &courier, &places) => {}
        // An error means that nobody is left who could ask to stop.
        _ = stop.wait_for(|stop| *stop) => {}
    }
    let all = u32::try_from(ATTEMPTS_AT_ONCE).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(STOP_LONGEST, places.acquire_many(all)).await;
}

async fn deliver(outbox: &Arc<Outbox>, courier: &Arc<Courier>, places: &Arc<Semaphore>) {
    // The semaphore is never closed, so the loop never ends.
    while let Ok(place) = Arc::clone(places).acquire_owned().await {
        let entry = loop {
            match outbox.next() {
                Next::Deliver(entry) => break entry,
                Next::Wait(until) => {
                    let left = until.map(|until| until.duration_since(outbox.now()));
                    let left = left.and_then(|left| Duration::try_from(left).ok());
                    let wait = match until {
                        Some(_) => left.unwrap_or_default().min(SLEEP_LONGEST),
                        None => SLEEP_LONGEST,
                    };
                    let _ = tokio::time::timeout(wait, outbox.changed()).await;
                }
            }
        };
        let (outbox, courier) = (Arc::clone(outbox), Arc::clone(courier));
        tokio::spawn(async move {
            let outcome = courier.deliver((*entry).clone(), outbox.now()).await;
            outbox.settle(&entry, outcome).await;
            drop(place);
        });
    }
}
