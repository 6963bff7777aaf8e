//! What the process is told by signals: to stop, or to read its certificate anew.

use tokio::signal::unix::{SignalKind, signal};

/// Returns when the process is asked to stop: SIGTERM from a service, SIGINT from a terminal.
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

/// Waits for SIGHUP; false where there never will be one.
pub(crate) async fn told_to_reload() -> bool {
    match signal(SignalKind::hangup()) {
        Ok(mut hangup) => hangup.recv().await.is_some(),
        Err(_) => false,
    }
}
