//! A directory in a folder of its own with one account, and deliveries at a quick pace. No
//! assertion but that things could be set up.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use directory::{
    Clock, Delivery, DeliveryQuery, DeliveryStanding, Directory, Founding, NewUser, Options, Wanted,
};
use domain::caller::Caller;
use domain::change::Change;
use domain::extension::Extension;
use domain::id::{AccountId, Serial, UserId, WebhookId};
use domain::patch::UserPatch;
use domain::phone::{Country, PhoneNumber};
use domain::resource::{ResourceKind, Webhook, WebhookFormat};
use domain::stored_secret::StoredSecret;
use domain::text::{Email, Name};
use domain::user::User;
use domain::zone::TimeZone;
use tempfile::TempDir;
use uuid::Uuid;

use crate::deliver::Deliver;
use crate::deliver::config::{
    DeliverConfig, SmsConfig, SmsEncoding, SmsMethod, SmtpConfig, SmtpSecurity, WebhooksConfig,
};
use crate::deliver::limits::Limits;
use crate::deliver::pace::Pace;

pub(super) const SECRET: &str = "whsec-3d1c";

/// Long enough for the slowest machine; only a failing test waits for it.
const LONGEST: Duration = Duration::from_mins(1);

/// As usual, but a thousand times as quick.
pub(super) const QUICK: Pace = Pace {
    first: Duration::from_millis(2),
    longest: Duration::from_millis(50),
    attempts_max: 10_000,
    ..Pace::USUAL
};

/// Waits until something holds.
pub(super) async fn until(what: &str, holds: impl Fn() -> bool) {
    let waited = tokio::time::timeout(LONGEST, async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    assert!(waited.await.is_ok(), "waited too long for {what}");
}

pub(super) struct Fixture {
    folder: TempDir,
    pub(super) directory: Directory,
    pub(super) account: AccountId,
    pub(super) operator: Caller,
}

/// Nothing is configured, and webhooks may lead to this machine.
pub(super) fn config() -> DeliverConfig {
    DeliverConfig {
        webhooks: WebhooksConfig { allow_private_addresses: true },
        smtp: SmtpConfig {
            host: None,
            port: 25,
            security: SmtpSecurity::None,
            username: None,
            password: None,
            from: Some("Rollcall <rollcall@example.net>".to_owned()),
        },
        sms: SmsConfig {
            url: None,
            method: SmsMethod::Post,
            encoding: SmsEncoding::Json,
            body: None,
            headers: BTreeMap::new(),
        },
    }
}

async fn open(folder: &Path) -> Directory {
    Directory::open(folder, Clock::system()).await.unwrap()
}

impl Fixture {
    pub(super) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let directory = open(folder.path()).await;
        let founding = Founding {
            name: Name::parse("Demo").unwrap(),
            country: Country::parse("IN").unwrap(),
            time_zone: TimeZone::parse("Asia/Kolkata").unwrap(),
            app_id: None,
        };
        let account = directory.found_account(founding).await.unwrap().account.id;
        Self { folder, directory, account, operator: Caller::operator(account) }
    }

    pub(super) async fn deliver(&self) -> Deliver {
        self.deliver_with(config(), Limits::USUAL).await
    }

    pub(super) async fn deliver_with(&self, config: DeliverConfig, limits: Limits) -> Deliver {
        let directory = self.directory.clone();
        Deliver::start_at(directory, config, (limits, QUICK)).await.unwrap()
    }

    /// The process ends and another one opens the folder.
    pub(super) async fn restart(&mut self, deliver: Deliver) {
        deliver.stop().await;
        drop(deliver);
        self.directory.store().close().await;
        self.directory = open(self.folder.path()).await;
    }

    pub(super) async fn webhook(&self, url: &str, events: &[&str]) -> WebhookId {
        self.webhook_in(WebhookFormat::Rollcall, url, events).await
    }

    pub(super) async fn webhook_in(
        &self,
        format: WebhookFormat,
        url: &str,
        events: &[&str],
    ) -> WebhookId {
        let webhook = Webhook {
            id: WebhookId(Uuid::nil()),
            serial: Serial::default(),
            account: self.account,
            version: 1,
            name: Name::parse(&format!("{format:?} {url}")).unwrap(),
            url: url.into(),
            secret: StoredSecret::new(SECRET),
            format,
            events: events.iter().map(|event| (*event).into()).collect(),
            active: true,
            deleted: false,
        };
        let options = Options::default();
        let created = self.directory.create_resource(webhook.into(), &self.operator, options);
        WebhookId(created.await.unwrap().after.id())
    }

    pub(super) async fn delete_webhook(&self, id: WebhookId) {
        let subject = (ResourceKind::Webhook, id.0);
        let options = Options::default();
        self.directory.delete_resource(subject, &self.operator, options).await.unwrap();
    }

    /// A user with a phone and an address, who wants to hear of missed calls.
    pub(super) async fn user(&self, extension: &str) -> UserId {
        let country = Country::parse("IN").unwrap();
        let phone = PhoneNumber::parse(&format!("+919100000{extension}"), country).unwrap();
        let patch = UserPatch {
            first_name: Change::Set(Name::parse("Asha").unwrap()),
            extension: Change::Set(Extension::parse(extension).unwrap()),
            phone: Change::Set(phone),
            email: Change::Set(Email::parse(&format!("asha{extension}@example.net")).unwrap()),
            missed_call_sms: Change::Set(true),
            ..UserPatch::default()
        };
        let new = NewUser {
            patch: self.directory.seal_new(patch).await.unwrap(),
            id: UserId(self.directory.new_id()),
            role: None,
            phone_must_be_new: false,
            assign_extension: false,
        };
        let created = self.directory.create_user(new, &self.operator, Options::default());
        created.await.unwrap().after.id
    }

    pub(super) async fn rename(&self, user: UserId, name: &str) {
        let patch = UserPatch {
            first_name: Change::Set(Name::parse(name).unwrap()),
            ..UserPatch::default()
        };
        self.change(user, patch).await;
    }

    pub(super) async fn change(&self, user: UserId, patch: UserPatch) {
        let options = Options::default();
        self.directory.change_user(user, patch, &self.operator, options).await.unwrap();
    }

    pub(super) fn seen(&self, user: UserId) -> Arc<User> {
        let deployment = self.directory.deployment();
        Arc::clone(deployment.account(self.account).unwrap().user(user).unwrap())
    }

    pub(super) fn log(&self, deliver: &Deliver) -> Vec<Delivery> {
        deliver.log(self.account, &DeliveryQuery::newest(Wanted::All))
    }

    /// The log, once so many deliveries in it have this status.
    pub(super) async fn log_after(
        &self,
        deliver: &Deliver,
        status: DeliveryStanding,
        count: usize,
    ) -> Vec<Delivery> {
        let found = || self.log(deliver).iter().filter(|it| it.state.standing() == status).count();
        until("deliveries", || found() >= count).await;
        self.log(deliver)
    }
}
