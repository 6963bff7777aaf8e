//! Being asked to stop: SIGTERM from a service, SIGINT from a terminal.

use tokio::signal::unix::{SignalKind, signal};

/// Returns when the process is asked to stop.
pub(crate) async fn asked() {
    let (terminate, interrupt) = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()));
    let (Ok(mut terminate), Ok(mut interrupt)) = (terminate, interrupt) else {
        // Without handlers the signals end the process by themselves.
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}
