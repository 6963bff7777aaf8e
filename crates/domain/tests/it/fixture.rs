//! One small account in India, and short ways to change it.

use std::net::IpAddr;
use std::sync::Arc;

use domain::account::{Account, DialectSwitches};
use domain::caller::{Caller, Who};
use domain::credential::Voice;
use domain::id::{
    AccountId, BlockedNumberId, CredentialId, NumberId, RoleId, Serial, SessionId, TeamId, UserId,
};
use domain::patch::UserPatch;
use domain::permission::{BuiltInRole, Permissions, Role};
use domain::phone::{Country, PhoneNumber};
use domain::policy::UserFacts;
use domain::refusal::Refusal;
use domain::resource::{BlockedNumber, Number, Resource, RingStrategy, Team, TeamKind};
use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::text::Name;
use domain::user::User;
use domain::zone::TimeZone;
use jiff::Timestamp;
use serde_json::{Value, json};
use uuid::Uuid;

pub(crate) const ADMINISTRATOR: u32 = 1;
pub(crate) const USER: u32 = 2;
pub(crate) const COLLEAGUE: u32 = 3;

/// A Monday, 15:30 in Kolkata.
pub(crate) fn now() -> Timestamp {
    "2025-03-03T10:00:00Z".parse().unwrap()
}

pub(crate) fn india() -> Country {
    Country::parse("IN").unwrap()
}

pub(crate) fn account_id() -> AccountId {
    AccountId(Uuid::from_u128(1))
}

pub(crate) fn user_id(serial: u32) -> UserId {
    UserId(Uuid::from_u128(0x100_0000 + u128::from(serial)))
}

pub(crate) fn role_id(serial: u32) -> RoleId {
    RoleId(Uuid::from_u128(0x200_0000 + u128::from(serial)))
}

pub(crate) fn number_id(serial: u32) -> NumberId {
    NumberId(Uuid::from_u128(0x300_0000 + u128::from(serial)))
}

pub(crate) fn team_id(serial: u32) -> TeamId {
    TeamId(Uuid::from_u128(0x400_0000 + u128::from(serial)))
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn phone(text: &str) -> PhoneNumber {
    PhoneNumber::parse(text, india()).unwrap()
}

pub(crate) fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

pub(crate) fn account() -> Account {
    Account {
        id: account_id(),
        serial: Serial(1),
        version: 1,
        name: name("Lotus Support"),
        country: india(),
        time_zone: TimeZone::parse("Asia/Kolkata").unwrap(),
        created_at: now(),
        realm: "lotus.example".into(),
        active: true,
        default_caller_id: None,
        two_factor: None,
        emergency_numbers: Vec::new(),
        dialects: DialectSwitches::default(),
    }
}

pub(crate) fn role(serial: u32, called: &str, permissions: Permissions) -> Role {
    Role {
        id: role_id(serial),
        serial: Serial(serial),
        account: account_id(),
        version: 1,
        name: name(called),
        permissions,
        built_in: None,
        two_factor: None,
        deleted: false,
    }
}

pub(crate) fn built_in(serial: u32, which: BuiltInRole) -> Role {
    let role = role(serial, which.name(), which.permissions());
    Role { built_in: Some(which), ..role }
}

pub(crate) fn number(serial: u32, digits: &str) -> Number {
    Number {
        id: number_id(serial),
        serial: Serial(serial),
        account: account_id(),
        version: 1,
        number: phone(digits),
        name: None,
        description: None,
        destination: None,
        deleted: false,
    }
}

pub(crate) fn team(serial: u32, called: &str, strategy: RingStrategy) -> Team {
    Team {
        id: team_id(serial),
        serial: Serial(serial),
        account: account_id(),
        version: 1,
        kind: TeamKind::Group,
        name: name(called),
        description: None,
        extension: None,
        strategy,
        ring_seconds: 20,
        order: Vec::new(),
        hours: None,
        failover: None,
        vendor: serde_json::Map::new(),
        deleted: false,
    }
}

pub(crate) fn blocked(serial: u32, digits: &str, numbers: &[NumberId]) -> BlockedNumber {
    BlockedNumber {
        id: BlockedNumberId(Uuid::from_u128(u128::from(serial))),
        serial: Serial(serial),
        account: account_id(),
        version: 1,
        number: digits.into(),
        numbers: numbers.to_vec(),
        created_at: now(),
        deleted: false,
    }
}

/// Reachable in every way that a setting does not shut.
pub(crate) fn facts() -> UserFacts {
    UserFacts { devices: 1, calls: 0, web_session: false }
}

pub(crate) fn patch(settings: Value) -> UserPatch {
    let mut patch = UserPatch::default();
    for (field, value) in settings.as_object().unwrap() {
        Setting::parse(field).unwrap().write(&mut patch, value, india()).unwrap();
    }
    patch
}

/// An account that starts with an administrator (201), a user (202) and a colleague (203).
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) account: Snapshot,
}

impl World {
    pub(crate) fn new() -> Self {
        let mut world = Self { account: Snapshot::new(account()) };
        world.put(built_in(1, BuiltInRole::Administrator));
        world.put(built_in(2, BuiltInRole::Regular));
        world.add(ADMINISTRATOR, json!({ "role": role_id(1), "login": "asha" }));
        world.add(USER, json!({}));
        world.add(COLLEAGUE, json!({}));
        world
    }

    /// The usual account, its user changed.
    pub(crate) fn with(settings: Value) -> Self {
        let mut world = Self::new();
        world.set(USER, settings);
        world
    }

    pub(crate) fn put(&mut self, resource: impl Into<Resource>) {
        self.account.put_resource(resource.into());
    }

    pub(crate) fn switch(&mut self, edit: impl FnOnce(&mut Account)) {
        let mut account = (*self.account.account).clone();
        edit(&mut account);
        self.account.put_account(account);
    }

    pub(crate) fn add(&mut self, serial: u32, settings: Value) -> Arc<User> {
        let id = user_id(serial);
        let blank = User::blank(id, Serial(serial), account_id(), role_id(2), now());
        let mut all = json!({
            "first_name": format!("User {serial}"), "extension": (200 + serial).to_string()
        });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        self.put_user(blank.apply(&patch(all).seal([7; 16]), &self.account, now()).unwrap())
    }

    pub(crate) fn put_user(&mut self, user: User) -> Arc<User> {
        let user = Arc::new(user);
        self.account.put_user(Arc::clone(&user));
        user
    }

    pub(crate) fn try_set(&self, serial: u32, settings: Value) -> Result<User, Vec<Refusal>> {
        let later = now() + jiff::SignedDuration::from_secs(60);
        self.user(serial).apply(&patch(settings).seal([8; 16]), &self.account, later)
    }

    pub(crate) fn set(&mut self, serial: u32, settings: Value) -> Arc<User> {
        let user = self.try_set(serial, settings).unwrap();
        self.put_user(user)
    }

    pub(crate) fn refusals(&self, serial: u32, settings: Value) -> Vec<String> {
        let refusals = self.try_set(serial, settings).unwrap_err();
        refusals.iter().map(ToString::to_string).collect()
    }

    pub(crate) fn user(&self, serial: u32) -> &Arc<User> {
        self.account.user_by_serial(Serial(serial)).unwrap()
    }

    /// The user as a caller with these permissions.
    pub(crate) fn caller(serial: u32, permissions: Permissions) -> Caller {
        let session = SessionId(Uuid::nil());
        let who = Who::User { user: user_id(serial), session };
        Caller { who, permissions, voice: Voice::Console, ..Caller::operator(account_id()) }
    }

    pub(crate) fn credential_caller(permissions: Permissions) -> Caller {
        let who = Who::Credential(CredentialId(Uuid::nil()));
        Caller { who, permissions, voice: Voice::Native, ..Caller::operator(account_id()) }
    }
}
