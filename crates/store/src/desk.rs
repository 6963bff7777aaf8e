//! What the writing thread does: it gathers the jobs that wait into one transaction and answers them after it.
//! It deliberately knows no table; what to write is the jobs' business.

use std::{
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::{
    chain::Chains,
    checkpoint::Checkpointer,
    db::Connection,
    error::StoreError,
    reader::ReadJob,
    writer::{Answer, Message, WriteJob, Writing},
};

/// Units after which a transaction takes in no further job: about 20 ms of work, the longest anybody waits.
pub const GROUP_UNITS_MAX: usize = 256;

/// How long a write that need not be synced may wait for another transaction to ride in.
pub const SOON_MAX: Duration = Duration::from_millis(200);

/// Jobs that may wait for company: at this many they get a transaction of their own, so that the queue stays
/// open.
const WAITING_JOBS_MAX: usize = 64;

/// Silence after which the log's bytes are given back.
const IDLE_AFTER: Duration = Duration::from_secs(1);

pub(crate) struct Desk {
    connection: Connection,
    chains: Chains,
    checkpointer: Option<Checkpointer>,
    /// Jobs for the next transaction, in the order they came.
    waiting: Vec<WriteJob>,
    /// When the first of them came.
    waiting_since: Instant,
}

/// What came out of waiting for messages, besides jobs.
enum Next {
    /// Somebody waits for the jobs.
    Transact,
    /// Nobody does, and they may wait on if they are few and fresh.
    Wait,
    Read(ReadJob),
    Close(Option<oneshot::Sender<()>>),
}

impl Desk {
    pub(crate) fn new(
        connection: Connection,
        chains: Chains,
        checkpointer: Option<Checkpointer>,
    ) -> Self {
        let waiting_since = Instant::now();
        Self { connection, chains, checkpointer, waiting: Vec::new(), waiting_since }
    }

    /// Serves until told to close, or until nobody can ask any more.
    pub(crate) fn serve(&mut self, messages: &Receiver<Message>) -> Option<oneshot::Sender<()>> {
        loop {
            match self.gather(messages) {
                Next::Transact => self.transact(),
                Next::Wait if self.is_due() => self.transact(),
                Next::Wait => {}
                Next::Read(read) => {
                    self.transact();
                    read(&self.connection);
                }
                Next::Close(closing) => {
                    self.transact();
                    return closing;
                }
            }
        }
    }

    fn is_due(&self) -> bool {
        self.waiting.len() >= WAITING_JOBS_MAX || self.waiting_since.elapsed() >= SOON_MAX
    }

    /// Waits for a message, then takes what else is there, as far as one transaction goes.
    fn gather(&mut self, messages: &Receiver<Message>) -> Next {
        let mut next = Next::Wait;
        let mut weight = 0;
        let mut message = self.first(messages);
        loop {
            match message {
                Ok(Message::Write(job)) => {
                    weight += self.take(job);
                    next = Next::Transact;
                }
                Ok(Message::Soon(job)) => weight += self.take(job),
                Ok(Message::Read(read)) => return Next::Read(read),
                Ok(Message::Close(closed)) => return Next::Close(Some(closed)),
                Err(RecvTimeoutError::Disconnected) => return Next::Close(None),
                Err(RecvTimeoutError::Timeout) => return next,
            }
            if weight >= GROUP_UNITS_MAX {
                return Next::Transact;
            }
            // Whether everybody has gone shows at the next wait.
            message = messages.try_recv().map_err(|_| RecvTimeoutError::Timeout);
        }
    }

    fn take(&mut self, job: WriteJob) -> usize {
        if self.waiting.is_empty() {
            self.waiting_since = Instant::now();
        }
        let weight = job.weight;
        self.waiting.push(job);
        weight
    }

    /// The first message: waited for no longer than the waiting jobs may, and for ever when there is none and
    /// the log is empty.
    fn first(&self, messages: &Receiver<Message>) -> Result<Message, RecvTimeoutError> {
        if !self.waiting.is_empty() {
            let left = SOON_MAX.saturating_sub(self.waiting_since.elapsed());
            return messages.recv_timeout(left);
        }
        if let Some(checkpointer) = &self.checkpointer {
            match messages.recv_timeout(IDLE_AFTER) {
                Err(RecvTimeoutError::Timeout) => checkpointer.empty_the_log(),
                message => return message,
            }
        }
        messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
    }

    /// Runs the waiting jobs in one transaction and answers them.
    fn transact(&mut self) {
        let jobs = std::mem::take(&mut self.waiting);
        if jobs.is_empty() {
            return;
        }
        let mut answers = Vec::with_capacity(jobs.len());
        let settled = self.run_all(jobs, &mut answers);
        match &settled {
            Ok(()) => self.chains.settle(),
            Err(error) => {
                tracing::error!(%error, "could not commit a transaction");
                self.connection.roll_back();
                self.chains.undo_all();
            }
        }
        for answer in answers {
            answer(settled.clone());
        }
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.after_commit(&self.connection);
        }
    }

    fn run_all(
        &mut self,
        jobs: Vec<WriteJob>,
        answers: &mut Vec<Answer>,
    ) -> Result<(), StoreError> {
        let mut failed = self.connection.begin().err();
        let alone = jobs.len() == 1;
        for job in jobs {
            match &failed {
                Some(error) => answers.push((job.run)(Err(error.clone())).answer),
                None if alone => return self.run_alone(job, answers),
                None => failed = self.run(job, answers).err(),
            }
        }
        failed.map_or_else(|| self.connection.commit(), Err)
    }

    /// Runs a job whose failure may take the whole transaction back. Keeping its part apart would copy every
    /// page it touches.
    fn run_alone(&mut self, job: WriteJob, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
        let mut writing = Writing { connection: &self.connection, chains: &mut self.chains };
        let ran = (job.run)(Ok(&mut writing));
        answers.push(ran.answer);
        if ran.keep {
            return self.connection.commit();
        }
        self.chains.undo_all();
        self.connection.roll_back();
        Ok(())
    }

    /// Runs one job so that its failure takes back only what it did. An error ends the whole transaction.
    fn run(&mut self, job: WriteJob, answers: &mut Vec<Answer>) -> Result<(), StoreError> {
        let mark = self.chains.mark();
        if let Err(error) = self.connection.begin_part() {
            answers.push((job.run)(Err(error.clone())).answer);
            return Err(error);
        }
        let mut writing = Writing { connection: &self.connection, chains: &mut self.chains };
        let ran = (job.run)(Ok(&mut writing));
        answers.push(ran.answer);
        if ran.keep {
            return self.connection.keep_part();
        }
        self.chains.undo_to(mark);
        self.connection.drop_part()
    }
}
