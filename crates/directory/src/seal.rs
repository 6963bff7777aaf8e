//! Hashing a new web password before its change waits for its turn, off the runtime's own threads.

use domain::caller::Caller;
use domain::change::Change;
use domain::id::UserId;
use domain::patch::{SealedPatch, UserPatch};

use crate::directory::Directory;
use crate::error::Error;
use crate::random::random;

impl Directory {
    /// The patch of a user to be changed. A password he has already is no change: vendors' clients
    /// send it with every update, and his sessions must not end each time.
    ///
    /// # Errors
    ///
    /// The account is gone or off; `Busy` where the process is ending.
    pub async fn seal_for(
        &self,
        user: UserId,
        mut patch: UserPatch,
        caller: &Caller,
    ) -> Result<SealedPatch, Error> {
        let Some(plain) = patch.password.value().cloned() else {
            return Ok(patch.seal([0; 16]));
        };
        let current = self.account(caller)?.user(user).and_then(|it| it.sign_in.password.clone());
        blocking(move || {
            if current.is_some_and(|hash| hash.verify(plain.expose())) {
                patch.password = Change::Keep;
            }
            patch.seal(random())
        })
        .await
    }

    /// The patch of a user to be created.
    ///
    /// # Errors
    ///
    /// `Busy` where the process is ending.
    pub async fn seal_new(&self, patch: UserPatch) -> Result<SealedPatch, Error> {
        if patch.password.value().is_none() {
            return Ok(patch.seal([0; 16]));
        }
        blocking(move || patch.seal(random())).await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Busy)
}
