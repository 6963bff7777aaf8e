//! The thread that answers short reads, on a connection of its own so that they never wait for writes.
//! It deliberately takes nothing long: see `task`.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    thread::JoinHandle,
};

use tokio::sync::{Semaphore, oneshot};

use crate::{answered, db::Connection, error::StoreError, writer::Writer};

/// Reads that may wait at the same time; more wait outside, in order.
const READS_WAITING_MAX: usize = 256;

pub(crate) type ReadJob = Box<dyn FnOnce(&Connection) + Send>;

/// The handle on the thread, or on the writer's where there is only one connection.
pub(crate) struct Reader {
    room: Arc<Semaphore>,
    desk: Desk,
}

enum Desk {
    Own { inbox: Mutex<Option<Sender<ReadJob>>>, thread: Mutex<Option<JoinHandle<()>>> },
    Writer(Arc<Writer>),
}

impl Reader {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Connection::reader(path)?;
        let (inbox, jobs) = mpsc::channel::<ReadJob>();
        let thread = crate::task::start("store-reader", move || {
            while let Ok(job) = jobs.recv() {
                job(&connection);
            }
        })?;
        let desk = Desk::Own { inbox: Mutex::new(Some(inbox)), thread: Mutex::new(Some(thread)) };
        Ok(Self { room: room(), desk })
    }

    pub(crate) fn through(writer: &Arc<Writer>) -> Self {
        Self { room: room(), desk: Desk::Writer(Arc::clone(writer)) }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let room = Arc::clone(&self.room);
        let permit = room.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (sender, answer) = oneshot::channel();
        self.send(Box::new(move |connection: &Connection| {
            let outcome = work(connection);
            drop(permit);
            let _ = sender.send(outcome);
        }))?;
        answered(answer).await
    }

    /// Ends the thread after the reads asked before.
    pub(crate) async fn close(&self) {
        let last = self.read(|_| Ok(())).await;
        self.end();
        if let Err(error) = last {
            tracing::debug!(%error, "the reader was closed already");
        }
    }

    fn send(&self, job: ReadJob) -> Result<(), StoreError> {
        match &self.desk {
            Desk::Own { inbox, .. } => {
                let inbox = inbox.lock().unwrap_or_else(PoisonError::into_inner);
                let sender = inbox.as_ref().ok_or(StoreError::Closed)?;
                sender.send(job).map_err(|_| StoreError::Closed)
            }
            Desk::Writer(writer) => writer.read(job),
        }
    }

    fn end(&self) {
        if let Desk::Own { inbox, thread } = &self.desk {
            drop(inbox.lock().unwrap_or_else(PoisonError::into_inner).take());
            let thread = thread.lock().unwrap_or_else(PoisonError::into_inner).take();
            crate::task::join(thread);
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.end();
    }
}

fn room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(READS_WAITING_MAX))
}
