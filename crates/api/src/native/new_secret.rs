//! Secrets made for new credentials and webhooks, told to the client this once.
//! How they are checked is `directory`'s business.

use directory::{basic, random_word};
use domain::credential::{Proof, Voice};
use domain::fault::Fault;
use domain::resource::ResourceKind;
use domain::secret::{Secret, TokenHash};
use domain::snapshot::Snapshot;
use serde_json::{Map, Value, json};

use super::caller::TOKEN_PREFIX;

/// Characters of a token, five bits each: 160 bits cannot be guessed.
const TOKEN_CHARACTERS: usize = 32;
/// Characters that tell one API user name from the others.
const USERNAME_CHARACTERS: usize = 8;

/// A secret that nobody has been told yet.
pub(crate) enum NewSecret {
    Token { token: Secret, proof: Proof },
    App { app_id: u32, secret: Secret, proof: Proof },
    Basic { username: Box<str>, password: Secret, proof: Proof },
    Webhook { secret: Secret },
}

impl NewSecret {
    /// The secret something new of this kind is known by; a client may give
    /// a webhook another.
    ///
    /// # Errors
    ///
    /// The voice of a credential is none that credentials open.
    pub(crate) fn for_kind(
        kind: ResourceKind,
        body: &Map<String, Value>,
        account: &Snapshot,
    ) -> Result<Option<Self>, Fault> {
        match kind {
            ResourceKind::Credential => Self::for_credential(body, account).map(Some),
            ResourceKind::Webhook => Ok(Some(Self::Webhook { secret: word() })),
            ResourceKind::Number
            | ResourceKind::Team
            | ResourceKind::Role
            | ResourceKind::Trunk
            | ResourceKind::BlockedNumber
            | ResourceKind::ShiftTemplate => Ok(None),
        }
    }

    fn for_credential(body: &Map<String, Value>, account: &Snapshot) -> Result<Self, Fault> {
        let voice = body
            .get("voice")
            .filter(|voice| !voice.is_null())
            .map_or(Some(Voice::Native), |voice| voice.as_str().and_then(Voice::parse));
        match voice {
            Some(Voice::Native) => {
                let token = random_word(TOKEN_CHARACTERS);
                Ok(Self::token(Secret::new(format!("{TOKEN_PREFIX}{token}"))))
            }
            Some(Voice::CallerDesk | Voice::Acefone | Voice::Smartflo) => Ok(Self::token(word())),
            Some(Voice::TeleCmi) => {
                let app_id = app_id(account).ok_or(Fault::Conflict { with: "no app id" })?;
                let secret = word();
                let proof = Proof::App { app_id, secret: TokenHash::of(secret.expose()) };
                Ok(Self::App { app_id, secret, proof })
            }
            Some(Voice::CommPeak) => {
                let username: Box<str> = format!("api-{}", random_word(USERNAME_CHARACTERS)).into();
                let password = word();
                let proof = basic(&username, password.expose());
                Ok(Self::Basic { username, password, proof })
            }
            Some(Voice::Console | Voice::CommandLine | Voice::Sip) | None => {
                Err(Fault::Malformed {
                    expected: "one of native, callerdesk, telecmi, acefone, smartflo, commpeak",
                })
            }
        }
    }

    fn token(token: Secret) -> Self {
        let proof = Proof::Token { hash: TokenHash::of(token.expose()) };
        Self::Token { token, proof }
    }

    /// Puts the stored half where the stored text keeps it.
    pub(crate) fn put_into(&self, stored: &mut Map<String, Value>) {
        let (key, value) = match self {
            Self::Token { proof, .. } | Self::App { proof, .. } | Self::Basic { proof, .. } => {
                ("proof", json!(proof))
            }
            Self::Webhook { secret } => ("secret", json!(secret.expose())),
        };
        stored.insert(key.to_owned(), value);
    }

    /// What the client is told, under the names its dialect uses.
    pub(crate) fn told(&self) -> Value {
        match self {
            Self::Token { token, .. } => json!({ "token": token.expose() }),
            Self::App { app_id, secret, .. } => {
                json!({ "app_id": app_id, "secret": secret.expose() })
            }
            Self::Basic { username, password, .. } => {
                json!({ "username": username, "password": password.expose() })
            }
            Self::Webhook { secret } => json!({ "secret": secret.expose() }),
        }
    }
}

fn word() -> Secret {
    Secret::new(random_word(TOKEN_CHARACTERS))
}

/// The account's app id, which every one of its TeleCMI credentials shares.
fn app_id(account: &Snapshot) -> Option<u32> {
    account.credentials.values().find_map(|it| match it.proof {
        Proof::App { app_id, .. } => Some(app_id),
        Proof::Token { .. } | Proof::Basic { .. } => None,
    })
}
