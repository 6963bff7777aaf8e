//! What the process is told by signals: to stop, or to read its certificate anew.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::output::Failure;

/// Being asked to stop: SIGTERM from a service, SIGINT from a terminal. Heard from the moment this
/// exists, so it is made before anybody is told that the process is ready.
#[derive(Debug)]
pub(crate) struct Stop {
    terminate: Signal,
    interrupt: Signal,
}

impl Stop {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let of = |kind| signal(kind).map_err(|error| Failure::because("hear signals", &error));
        let (terminate, interrupt) = (of(SignalKind::terminate())?, of(SignalKind::interrupt())?);
        Ok(Self { terminate, interrupt })
    }

    /// Returns when the process is asked to stop.
    pub(crate) async fn asked(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

/// Being told to read the configured files anew: SIGHUP.
#[derive(Debug)]
pub(crate) struct Reload(Signal);

impl Reload {
    pub(crate) fn listen() -> Result<Self, Failure> {
        let hangup = signal(SignalKind::hangup());
        hangup.map(Self).map_err(|error| Failure::because("hear signals", &error))
    }

    /// Waits for the next time; false where there never will be one.
    pub(crate) async fn told(&mut self) -> bool {
        self.0.recv().await.is_some()
    }
}
