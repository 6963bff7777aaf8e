//! Live sessions: of the console, of the self-service page, and the tokens vendors' login calls
//! give out. In memory; the store only remembers them over a restart.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use domain::credential::Voice;
use domain::id::{AccountId, SessionId, UserId};
use domain::policy::endings::Sessions as Endings;
use domain::secret::TokenHash;
use domain::user::User;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{Durability, StateRow, Store};

use crate::clock::Clock;
use crate::error::Error;

/// Sessions held at once; at some 400 bytes each. Beyond it the oldest end.
pub const SESSIONS_MAX: usize = 200_000;
/// Under which kind the store remembers them.
const STATE_KIND: &str = "session";

/// One user signed in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    pub account: AccountId,
    pub user: UserId,
    pub voice: Voice,
    pub token: TokenHash,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub address: Option<IpAddr>,
}

/// All live sessions, found by token and by user.
#[derive(Debug)]
pub(crate) struct Sessions {
    table: RwLock<Table>,
    store: Store,
    clock: Clock,
}

#[derive(Debug, Default)]
struct Table {
    by_token: HashMap<TokenHash, Arc<Session>>,
    /// Oldest first.
    by_user: HashMap<UserId, Vec<TokenHash>>,
}

impl Sessions {
    pub(crate) async fn load(store: Store, clock: &Clock) -> Result<Self, Error> {
        let mut table = Table::default();
        let mut sessions: Vec<Session> = store
            .load_state(STATE_KIND)
            .await?
            .iter()
            .filter_map(|row| serde_json::from_str(&row.body).ok())
            .filter(|session: &Session| session.expires_at > clock.now())
            .collect();
        sessions.sort_by_key(|session| session.created_at);
        for session in sessions {
            table.insert(Arc::new(session));
        }
        Ok(Self { table: RwLock::new(table), store, clock: clock.clone() })
    }

    /// The session a token opens, unless it has run out.
    pub(crate) fn find(&self, token: TokenHash) -> Option<Arc<Session>> {
        let now = self.clock.now();
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        table.by_token.get(&token).filter(|session| session.expires_at > now).cloned()
    }

    /// Sessions of a user, oldest first.
    pub(crate) fn of(&self, user: UserId) -> Vec<Arc<Session>> {
        let now = self.clock.now();
        let table = self.table.read().unwrap_or_else(PoisonError::into_inner);
        let tokens = table.by_user.get(&user).map(Vec::as_slice).unwrap_or_default();
        tokens
            .iter()
            .filter_map(|token| table.by_token.get(token))
            .filter(|session| session.expires_at > now)
            .cloned()
            .collect()
    }

    /// Begins a session; where the user may have `max` at once (0: any number), his oldest end.
    pub(crate) async fn begin(
        &self,
        session: Session,
        max: u16,
    ) -> Result<Vec<Arc<Session>>, Error> {
        let row = StateRow {
            key: session.id.to_string(),
            account_id: Some(session.account.0),
            expires_at: Some(session.expires_at.as_microsecond()),
            body: serde_json::to_string(&session)
                .map_err(|source| Error::Unreadable { what: "session", source })?,
        };
        let ended = {
            let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
            let user = session.user;
            table.insert(Arc::new(session));
            table.surplus(user, max)
        };
        self.store.put_state(STATE_KIND, vec![row], Durability::Soon).await?;
        self.forget(&ended).await;
        Ok(ended)
    }

    /// Ends sessions of a user as a change demands, and says how many.
    pub(crate) async fn end(&self, user: &User, endings: Endings) -> u32 {
        let ending = match endings {
            Endings::None => return 0,
            Endings::All => self.of(user.id),
            Endings::Outside => {
                let admitted =
                    |session: &Arc<Session>| session.address.is_some_and(|from| user.admits(from));
                self.of(user.id).into_iter().filter(|session| !admitted(session)).collect()
            }
        };
        self.remove(&ending).await;
        u32::try_from(ending.len()).unwrap_or(u32::MAX)
    }

    /// Ends these sessions, here and in the store.
    pub(crate) async fn remove(&self, ending: &[Arc<Session>]) {
        {
            let mut table = self.table.write().unwrap_or_else(PoisonError::into_inner);
            for session in ending {
                table.remove(session);
            }
        }
        self.forget(ending).await;
    }

    /// A session the store failed to forget is ended all the same, until the next start; then the
    /// user's standing is asked again with every request.
    async fn forget(&self, ended: &[Arc<Session>]) {
        if ended.is_empty() {
            return;
        }
        let keys = ended.iter().map(|session| session.id.to_string()).collect();
        if let Err(error) = self.store.remove_state(STATE_KIND, keys, Durability::Synced).await {
            tracing::error!(%error, "could not forget ended sessions");
        }
    }
}

impl Table {
    fn insert(&mut self, session: Arc<Session>) {
        self.by_user.entry(session.user).or_default().push(session.token);
        self.by_token.insert(session.token, session);
    }

    fn remove(&mut self, session: &Session) {
        self.by_token.remove(&session.token);
        if let Some(tokens) = self.by_user.get_mut(&session.user) {
            tokens.retain(|token| *token != session.token);
            if tokens.is_empty() {
                self.by_user.remove(&session.user);
            }
        }
    }

    /// Takes out what is too much: the user's oldest beyond `max`, the oldest of all beyond
    /// [`SESSIONS_MAX`].
    fn surplus(&mut self, user: UserId, max: u16) -> Vec<Arc<Session>> {
        let mut surplus = Vec::new();
        let own = self.by_user.get(&user).cloned().unwrap_or_default();
        if max > 0 {
            let too_many = own.len().saturating_sub(max.into());
            surplus
                .extend(own.iter().take(too_many).filter_map(|it| self.by_token.get(it).cloned()));
        }
        if self.by_token.len() > SESSIONS_MAX {
            surplus.extend(self.by_token.values().min_by_key(|it| it.created_at).cloned());
        }
        for session in &surplus {
            self.remove(session);
        }
        surplus
    }
}
