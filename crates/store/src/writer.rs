//! The handle on the thread that writes: jobs go in, answers come out when they are on disk.
//! It deliberately knows neither tables nor transactions; see `desk` for what the thread does.

use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{self, Sender},
    },
    thread::JoinHandle,
};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

use crate::{
    answered, backup, chain::Chains, checkpoint::Checkpointer, db::Connection, desk::Desk,
    error::StoreError, migrate, reader::ReadJob, row::Durability, task,
};

/// Writes that may wait at the same time: as many connections as we serve; more wait outside, in order.
pub const WRITES_WAITING_MAX: usize = 1024;

/// What a job works on.
pub(crate) struct Writing<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) chains: &'a mut Chains,
}

/// What a job leaves: whether its part of the transaction stays, and how to answer once that is settled.
pub(crate) struct Ran {
    pub(crate) keep: bool,
    pub(crate) answer: Answer,
}

pub(crate) type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// The work of a job, or the failure that keeps it from being done.
type Run = Box<dyn FnOnce(Result<&mut Writing<'_>, StoreError>) -> Ran + Send>;

pub(crate) struct WriteJob {
    pub(crate) weight: usize,
    pub(crate) run: Run,
    _permit: OwnedSemaphorePermit,
}

pub(crate) enum Message {
    Write(WriteJob),
    /// Need not be synced by itself.
    Soon(WriteJob),
    /// Only where reader and writer share a connection.
    Read(ReadJob),
    Close(oneshot::Sender<()>),
}

/// Dropping it waits for the thread's end.
pub(crate) struct Writer {
    inbox: Mutex<Option<Sender<Message>>>,
    room: Arc<Semaphore>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    pub(crate) fn open(path: &Path) -> Result<Self, StoreError> {
        let lock = backup::lock(path)?;
        backup::keep_private(path)?;
        let connection = Connection::writer(path)?;
        migrate::apply(&connection)?;
        let checkpointer = Checkpointer::open(path)?;
        Self::start(connection, Some(checkpointer), Some(lock))
    }

    pub(crate) fn in_memory() -> Result<Self, StoreError> {
        let connection = Connection::in_memory()?;
        migrate::apply(&connection)?;
        Self::start(connection, None, None)
    }

    fn start(
        connection: Connection,
        checkpointer: Option<Checkpointer>,
        lock: Option<std::fs::File>,
    ) -> Result<Self, StoreError> {
        let chains = Chains::load(&connection)?;
        let (inbox, messages) = mpsc::channel();
        let thread = task::start("store-writer", move || {
            let mut desk = Desk::new(connection, chains, checkpointer);
            let closing = desk.serve(&messages);
            // Nothing may be open any more when the lock goes and the closing is answered.
            drop(desk);
            drop(messages);
            drop(lock);
            if let Some(closed) = closing {
                let _ = closed.send(());
            }
        })?;
        Ok(Self {
            inbox: Mutex::new(Some(inbox)),
            room: Arc::new(Semaphore::new(WRITES_WAITING_MAX)),
            thread: Mutex::new(Some(thread)),
        })
    }

    /// Runs a job in a transaction; returns when it is on disk, or taken back.
    pub(crate) async fn write<T, E>(
        &self,
        weight: usize,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let (job, answer) = self.job(weight, work).await?;
        self.send(Message::Write(job))?;
        answered(answer).await
    }

    /// As [`Writer::write`], or only queues the job when it need not be synced.
    pub(crate) async fn write_when(
        &self,
        durability: Durability,
        weight: usize,
        work: impl FnOnce(&mut Writing<'_>) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        match durability {
            Durability::Synced => self.write(weight, work).await,
            Durability::Soon => {
                let (job, _answer) = self.job(weight, logged(work)).await?;
                self.send(Message::Soon(job))
            }
        }
    }

    /// Runs a read on the writer's own connection, after what was asked before.
    pub(crate) fn read(&self, job: ReadJob) -> Result<(), StoreError> {
        self.send(Message::Read(job))
    }

    pub(crate) async fn close(&self) {
        let (closed, closing) = oneshot::channel();
        if self.send(Message::Close(closed)).is_ok() {
            let _ = closing.await;
        }
    }

    async fn job<T, E>(
        &self,
        weight: usize,
        work: impl FnOnce(&mut Writing<'_>) -> Result<T, E> + Send + 'static,
    ) -> Result<(WriteJob, oneshot::Receiver<Result<T, E>>), StoreError>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        let room = Arc::clone(&self.room);
        let permit = room.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (sender, answer) = oneshot::channel();
        let run: Run = Box::new(move |writing| {
            let outcome = writing.map_err(E::from).and_then(work);
            let keep = outcome.is_ok();
            let answer: Answer = Box::new(move |settled| {
                let _ = sender.send(outcome.and_then(|value| Ok(settled.map(|()| value)?)));
            });
            Ran { keep, answer }
        });
        Ok((WriteJob { weight, run, _permit: permit }, answer))
    }

    fn send(&self, message: Message) -> Result<(), StoreError> {
        let inbox = self.inbox.lock().unwrap_or_else(PoisonError::into_inner);
        let sender = inbox.as_ref().ok_or(StoreError::Closed)?;
        sender.send(message).map_err(|_| StoreError::Closed)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.inbox.lock().unwrap_or_else(PoisonError::into_inner).take());
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        task::join(thread);
    }
}

/// Nobody waits for a job that need not be synced, so its failure is logged here.
fn logged(
    work: impl FnOnce(&mut Writing<'_>) -> Result<(), StoreError> + Send + 'static,
) -> impl FnOnce(&mut Writing<'_>) -> Result<(), StoreError> + Send + 'static {
    move |writing| {
        let outcome = work(writing);
        if let Err(error) = &outcome {
            tracing::error!(%error, "could not write state");
        }
        outcome
    }
}
