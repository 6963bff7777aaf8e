//! Founding an account: its built-in roles, its first administrator, and a credential for every
//! voice, each shown once.

use domain::account::{Account, DialectSwitches};
use domain::caller::Caller;
use domain::change::Change;
use domain::credential::{Credential, Proof, TokenDigest, Voice};
use domain::hex::hex;
use domain::id::{AccountId, CredentialId, RoleId, Serial, UserId};
use domain::patch::UserPatch;
use domain::permission::{BuiltInRole, Role};
use domain::phone::Country;
use domain::refusal::Refusal;
use domain::secret::{PlainPassword, Secret, TokenHash};
use domain::setting::Setting;
use domain::text::{Login, Name};
use domain::user::CallScope;
use domain::zone::TimeZone;
use md5::{Digest, Md5};

use crate::directory::Directory;
use crate::error::Error;
use crate::operation::{NewAccount, NewUser, Options, ResourceWork};
use crate::random::random_word;
use crate::writer::Work;

/// Realm of CommPeak's HTTP Digest, part of the stored HA1.
pub const COMMPEAK_REALM: &str = "api";
/// Characters of a token, five bits each: 160 bits cannot be guessed.
const TOKEN_CHARACTERS: usize = 32;
/// Characters of a password somebody may have to type.
const PASSWORD_CHARACTERS: usize = 16;
/// The first administrator signs in under this name.
const ADMINISTRATOR_LOGIN: &str = "admin";
/// App ids begin here, as TeleCMI's do.
const FIRST_APP_ID: u32 = 1_111_111;

/// What an account is founded with.
#[derive(Clone, Debug)]
pub struct Founding {
    pub name: Name,
    pub country: Country,
    pub time_zone: TimeZone,
    /// `None`: the next free one.
    pub app_id: Option<u32>,
}

/// A new account, and its secrets for the only time.
#[derive(Debug)]
pub struct Founded {
    pub account: Account,
    pub native: Secret,
    pub callerdesk: Secret,
    pub telecmi: (u32, Secret),
    pub acefone: Secret,
    pub smartflo: Secret,
    pub commpeak: (Box<str>, Secret),
    /// The first administrator's sign-in to the console.
    pub login: &'static str,
    pub password: Secret,
    pub administrator: UserId,
}

impl Directory {
    /// Creates an account. Only the operator can: nobody else has one to ask from.
    ///
    /// # Errors
    ///
    /// The app id belongs to another account, or the store failed.
    pub async fn found_account(&self, founding: Founding) -> Result<Founded, Error> {
        let account = self.new_account(&founding);
        let operator = Caller::operator(account.id);
        let roles = self.built_in_roles(account.id)?;
        let role = roles.first().map(|role| role.id).ok_or(Error::NotFound)?;
        let secrets = Secrets::new(self.app_id(founding.app_id), account.id);
        let resources = self.credentials(&secrets, role, account.id)?;
        let administrator = self.administrator(&secrets, role, &account).await?;
        let administrator_id = administrator.id;
        let new = Box::new(NewAccount { account, roles, resources, users: vec![administrator] });
        let options = Options::default();
        let founded = self.ask(&operator, options, |reply| Work::NewAccount { new, reply }).await?;
        let account = founded.after;
        Ok(secrets.shown(account, administrator_id))
    }

    fn new_account(&self, founding: &Founding) -> Account {
        Account {
            id: AccountId(self.new_id()),
            serial: Serial::default(),
            version: 1,
            name: founding.name.clone(),
            country: founding.country,
            time_zone: founding.time_zone,
            created_at: self.clock().now(),
            realm: realm(founding.name.as_str()),
            active: true,
            default_caller_id: None,
            two_factor: None,
            emergency_numbers: Vec::new(),
            dialects: DialectSwitches::default(),
        }
    }

    /// Administrator first.
    fn built_in_roles(&self, account: AccountId) -> Result<Vec<Role>, Error> {
        [BuiltInRole::Administrator, BuiltInRole::Regular]
            .into_iter()
            .map(|which| {
                Ok(Role {
                    id: RoleId(self.new_id()),
                    serial: Serial::default(),
                    account,
                    version: 1,
                    name: name(which.name())?,
                    permissions: which.permissions(),
                    built_in: Some(which),
                    two_factor: None,
                    deleted: false,
                })
            })
            .collect()
    }

    fn credentials(
        &self,
        secrets: &Secrets,
        role: RoleId,
        account: AccountId,
    ) -> Result<Vec<ResourceWork>, Error> {
        let now = self.clock().now();
        let credential = |(voice, proof): (Voice, Proof)| {
            let id = self.new_id();
            let credential = Credential {
                id: CredentialId(id),
                serial: Serial::default(),
                account,
                version: 1,
                name: name(voice.word())?,
                voice,
                proof,
                role,
                scope: None,
                networks: Vec::new(),
                created_at: now,
                expires_at: None,
                derived_from: None,
                deleted: false,
            };
            Ok(ResourceWork::Create { resource: Box::new(credential.into()), id })
        };
        secrets.proofs().into_iter().map(credential).collect()
    }

    fn app_id(&self, wanted: Option<u32>) -> u32 {
        wanted.unwrap_or_else(|| {
            let deployment = self.deployment();
            let mut ids = FIRST_APP_ID..u32::MAX;
            ids.find(|id| deployment.by_app(*id).is_none()).unwrap_or(u32::MAX)
        })
    }

    async fn administrator(
        &self,
        secrets: &Secrets,
        role: RoleId,
        account: &Account,
    ) -> Result<NewUser, Error> {
        let refused = |setting| move |fault| Error::Refused(vec![Refusal::new(setting, fault)]);
        let login = Login::parse(ADMINISTRATOR_LOGIN).map_err(refused(Setting::Login))?;
        let password =
            PlainPassword::parse(&secrets.password).map_err(refused(Setting::Password))?;
        let patch = UserPatch {
            first_name: Change::Set(name("Administrator")?),
            login: Change::Set(login),
            password: Change::Set(password),
            time_zone: Change::Set(account.time_zone),
            // Whoever looks after the account reads everybody's calls.
            call_scope: Change::Set(CallScope::All),
            ..UserPatch::default()
        };
        Ok(NewUser {
            patch: self.seal_new(patch).await?,
            id: UserId(self.new_id()),
            role: Some(role),
            phone_must_be_new: false,
            assign_extension: false,
        })
    }
}

fn name(text: &str) -> Result<Name, Error> {
    Name::parse(text).map_err(|fault| Error::Refused(vec![Refusal::of("name", fault)]))
}

/// Lower-case letters, digits and hyphens of a name: a SIP domain people can type.
fn realm(name: &str) -> Box<str> {
    let mapped: String = name
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it.to_ascii_lowercase() } else { '-' })
        .collect();
    let realm: Vec<_> = mapped.split('-').filter(|part| !part.is_empty()).collect();
    if realm.is_empty() { "account".into() } else { realm.join("-").into() }
}

/// The secrets of a new account before they are hashed.
struct Secrets {
    native: String,
    callerdesk: String,
    acefone: String,
    smartflo: String,
    app_id: u32,
    app_secret: String,
    username: Box<str>,
    api_password: String,
    password: String,
}

impl Secrets {
    fn new(app_id: u32, account: AccountId) -> Self {
        // The account's own digits make the user name unique in the deployment.
        let tail: String = account.0.simple().to_string().chars().rev().take(8).collect();
        Self {
            native: format!("rc_{}", random_word(TOKEN_CHARACTERS)),
            callerdesk: random_word(TOKEN_CHARACTERS),
            acefone: random_word(TOKEN_CHARACTERS),
            smartflo: random_word(TOKEN_CHARACTERS),
            app_id,
            app_secret: random_word(TOKEN_CHARACTERS),
            username: format!("api-{tail}").into(),
            api_password: random_word(TOKEN_CHARACTERS),
            password: random_word(PASSWORD_CHARACTERS),
        }
    }

    /// One credential a voice, each with all the rights of an administrator.
    fn proofs(&self) -> [(Voice, Proof); 6] {
        let token = |text: &str| Proof::Token { hash: TokenHash::of(text) };
        [
            (Voice::Native, token(&self.native)),
            (Voice::CallerDesk, token(&self.callerdesk)),
            (Voice::Acefone, token(&self.acefone)),
            (Voice::Smartflo, token(&self.smartflo)),
            (
                Voice::TeleCmi,
                Proof::App { app_id: self.app_id, secret: TokenHash::of(&self.app_secret) },
            ),
            (Voice::CommPeak, basic(&self.username, &self.api_password)),
        ]
    }

    fn shown(self, account: Account, administrator: UserId) -> Founded {
        Founded {
            account,
            native: Secret::new(self.native),
            callerdesk: Secret::new(self.callerdesk),
            telecmi: (self.app_id, Secret::new(self.app_secret)),
            acefone: Secret::new(self.acefone),
            smartflo: Secret::new(self.smartflo),
            commpeak: (self.username, Secret::new(self.api_password)),
            login: ADMINISTRATOR_LOGIN,
            password: Secret::new(self.password),
            administrator,
        }
    }
}

/// The proof of a user name and password, for HTTP Basic and Digest.
#[must_use]
pub fn basic(username: &str, password: &str) -> Proof {
    let ha1 = Md5::digest(format!("{username}:{COMMPEAK_REALM}:{password}"));
    Proof::Basic {
        username: username.into(),
        secret: TokenHash::of(password),
        ha1_md5: TokenDigest(hex(&ha1).into()),
    }
}
