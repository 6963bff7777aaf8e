//! Long reads (loading, verifying, backups): each on a thread and a connection of its own, few at a time.
//! It deliberately shares nothing with the reader's thread, which answers people who wait.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
    thread::JoinHandle,
};

use tokio::sync::{Semaphore, oneshot};

use crate::{answered, db::Connection, error::StoreError, reader::ReadJob, writer::Writer};

/// Long reads at the same time: each holds the log of writes back for as long as it runs.
const TASKS_MAX: usize = 2;

pub(crate) struct Tasks {
    room: Arc<Semaphore>,
    place: Place,
}

enum Place {
    File(PathBuf),
    Writer(Arc<Writer>),
}

impl Tasks {
    pub(crate) fn on_file(path: &Path) -> Self {
        Self { room: room(), place: Place::File(path.to_path_buf()) }
    }

    pub(crate) fn through(writer: &Arc<Writer>) -> Self {
        Self { room: room(), place: Place::Writer(Arc::clone(writer)) }
    }

    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let room = Arc::clone(&self.room);
        let permit = room.acquire_owned().await.map_err(|_| StoreError::Closed)?;
        let (sender, answer) = oneshot::channel();
        match &self.place {
            Place::File(path) => {
                let path = path.clone();
                start("store-task", move || {
                    let outcome = Connection::reader(&path).and_then(|c| work(&c));
                    drop(permit);
                    let _ = sender.send(outcome);
                })?;
            }
            Place::Writer(writer) => {
                let job: ReadJob = Box::new(move |connection: &Connection| {
                    let outcome = work(connection);
                    drop(permit);
                    let _ = sender.send(outcome);
                });
                writer.read(job)?;
            }
        }
        answered(answer).await
    }
}

/// Starts a thread under a name that shows in the system's lists.
pub(crate) fn start(
    name: &'static str,
    work: impl FnOnce() + Send + 'static,
) -> Result<JoinHandle<()>, StoreError> {
    std::thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|error| {
        StoreError::Database { doing: "start a thread for the database", source: Arc::new(error) }
    })
}

/// Waits for a thread's end, unless it is the one that waits.
pub(crate) fn join(thread: Option<JoinHandle<()>>) {
    let Some(thread) = thread else { return };
    if thread.thread().id() != std::thread::current().id() && thread.join().is_err() {
        tracing::error!("a thread of the store ended in a panic");
    }
}

fn room() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(TASKS_MAX))
}
