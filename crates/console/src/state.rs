//! What every handler needs: the directory, how this deployment serves pages, and sign-ins that
//! are half done.

use directory::Directory;

use crate::imports::{Import, imports};
use crate::live_stream::Streams;
use crate::pages::set_up::SetUpCode;
use crate::pending::{EndedSessions, PendingSignIn, sign_ins};
use crate::tickets::Tickets;

/// The console's own configuration.
#[derive(Clone, Default)]
pub struct ConsoleConfig {
    /// Whether pages are served over TLS, so that cookies may insist on it.
    pub tls: bool,
    /// What links in mails begin with: `https://phones.example.net`. Never taken from a request,
    /// whose `Host` anybody can write.
    pub url: String,
}

/// Shared by all handlers.
pub struct Console {
    pub directory: Directory,
    pub config: ConsoleConfig,
    /// Printed in the terminal where there is no account yet.
    pub set_up: SetUpCode,
    pub(crate) pending: Tickets<PendingSignIn>,
    pub(crate) ended: EndedSessions,
    pub(crate) streams: Streams,
    pub(crate) imports: Tickets<Import>,
}

impl Console {
    #[must_use]
    pub fn new(directory: Directory, config: ConsoleConfig) -> Self {
        Self {
            directory,
            config,
            set_up: SetUpCode::fresh(),
            pending: sign_ins(),
            ended: EndedSessions::default(),
            streams: Streams::default(),
            imports: imports(),
        }
    }
}
