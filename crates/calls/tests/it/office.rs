//! A running SIP side with a small account in India: users 201, 202 and so on, their passwords,
//! a trunk, numbers and teams, changed as a directory would change them.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use calls::{Binding, BindingEvent, CallEvent, Calls, CallsConfig, Host, RecordLost, Softphone};
use domain::account::{Account, DialectSwitches};
use domain::call::CallRecord;
use domain::deployment::Deployment;
use domain::id::{AccountId, BlockedNumberId, NumberId, RoleId, Serial, TeamId, TrunkId, UserId};
use domain::patch::UserPatch;
use domain::permission::{BuiltInRole, Role};
use domain::phone::{Country, PhoneNumber};
use domain::policy::endings::{Ended, endings};
use domain::resource::{
    BlockedNumber, Destination, Number, Resource, RingStrategy, Team, TeamKind, Trunk,
    TrunkTransport,
};
use domain::secret::{PlainPassword, SipDigest};
use domain::setting::Setting;
use domain::text::Name;
use domain::user::User;
use domain::zone::TimeZone;
use jiff::Timestamp;
use serde_json::{Value, json};
use sip::transaction::Timers;
use uuid::Uuid;

use crate::phone::Phone;
use crate::wire::Wire;

pub(crate) const REALM: &str = "lotus.example";
/// The user name a softphone of user 201 was given.
pub(crate) const SOFTPHONE: &str = "softphone-of-201";
pub(crate) const SOFTPHONE_PASSWORD: &str = "Lotus-in-a-browser";
pub(crate) const DID: &str = "+918000000001";
pub(crate) const SECOND_DID: &str = "+918000000002";

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

pub(crate) fn account_id() -> AccountId {
    AccountId(Uuid::from_u128(1))
}

fn india() -> Country {
    Country::parse("IN").unwrap()
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

/// A Monday, 15:30 in Kolkata.
pub(crate) fn start_of_test() -> Timestamp {
    "2025-03-03T10:00:00Z".parse().unwrap()
}

#[derive(Default)]
struct Kept {
    deployment: Mutex<Arc<Deployment>>,
    records: Mutex<Vec<CallRecord>>,
    bindings: Mutex<Vec<BindingEvent>>,
    events: Mutex<Vec<CallEvent>>,
    signed_in: Mutex<Vec<Serial>>,
    seconds: AtomicI64,
    disk_full: AtomicBool,
    slow_disk: AtomicBool,
}

pub(crate) struct Office {
    pub(crate) calls: Calls,
    kept: Arc<Kept>,
}

/// Patience of a test instead of half a minute.
pub(crate) fn config() -> CallsConfig {
    let mut config = CallsConfig::new("127.0.0.1:0".parse().unwrap());
    config.timers = Timers { t1: Duration::from_millis(50), ..Timers::default() };
    // Phones of tests count every message.
    config.trunk_probe = None;
    config.ring = Duration::from_secs(20);
    config.lost_flow = Duration::from_millis(50);
    config.record_patience = Duration::from_millis(300);
    config
}

impl Office {
    pub(crate) async fn open() -> Self {
        Self::open_with(config(), Vec::new()).await
    }

    /// Users 1 to 5 on extensions 201 to 205, two numbers granted to the first.
    pub(crate) async fn open_with(config: CallsConfig, bindings: Vec<Binding>) -> Self {
        let kept = Arc::new(Kept::default());
        {
            let mut deployment = Deployment::default();
            deployment.put_account(account());
            deployment.put_resource(role().into());
            *kept.deployment.lock().unwrap() = Arc::new(deployment);
        }
        let calls = Calls::start(config, host(&kept), bindings).await.unwrap();
        let mut office = Self { calls, kept };
        office.put(number(1, DID, None));
        office.put(number(2, SECOND_DID, None));
        for serial in 1..=5 {
            office.hire(serial, json!({}));
        }
        office
    }

    /// Another start over the same directory.
    pub(crate) async fn reopen(before: &Self, config: CallsConfig, bindings: Vec<Binding>) -> Self {
        let kept = Arc::clone(&before.kept);
        let calls = Calls::start(config, host(&kept), bindings).await.unwrap();
        Self { calls, kept }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.calls.sip_address()
    }

    pub(crate) fn put(&mut self, resource: impl Into<Resource>) {
        let mut deployment = self.kept.deployment.lock().unwrap();
        Arc::make_mut(&mut deployment).put_resource(resource.into());
    }

    /// Another account, looked at before the test's own, with this trunk and no number.
    pub(crate) fn put_neighbour(&mut self, trunk: Trunk) {
        let id = AccountId(Uuid::nil());
        let neighbour =
            Account { id, serial: Serial(2), realm: "neighbour.example".into(), ..account() };
        let mut deployment = self.kept.deployment.lock().unwrap();
        let deployment = Arc::make_mut(&mut deployment);
        deployment.put_account(neighbour);
        deployment.put_resource(Trunk { account: id, ..trunk }.into());
    }

    pub(crate) fn hire(&mut self, serial: u32, settings: Value) {
        let id = user_id(serial);
        let blank = User::blank(id, Serial(serial), account_id(), role_id(1), start_of_test());
        let mut all = json!({
            "first_name": format!("User {serial}"),
            "extension": (200 + serial).to_string(),
            "sip_password": password(serial),
        });
        all.as_object_mut().unwrap().extend(settings.as_object().unwrap().clone());
        let mut deployment = self.kept.deployment.lock().unwrap();
        let account = Arc::clone(deployment.account(account_id()).unwrap());
        let patch = patch(all).seal([7; 16]);
        let user = blank.apply(&patch, &account, start_of_test()).unwrap();
        Arc::make_mut(&mut deployment).put_user(Arc::new(user));
    }

    pub(crate) fn user(&self, serial: u32) -> Arc<User> {
        let deployment = self.kept.deployment.lock().unwrap();
        let account = deployment.account(account_id()).unwrap();
        Arc::clone(account.user_by_serial(Serial(serial)).unwrap())
    }

    /// The user as a test needs him, whatever a change may ask for.
    pub(crate) fn put_user(&self, user: User) {
        let mut deployment = self.kept.deployment.lock().unwrap();
        Arc::make_mut(&mut deployment).put_user(Arc::new(user));
    }

    /// Changes a user and enforces it, in the order of the life of a change.
    pub(crate) async fn set(&self, serial: u32, settings: Value) -> Ended {
        let before = self.user(serial);
        let after = {
            let mut deployment = self.kept.deployment.lock().unwrap();
            let account = Arc::clone(deployment.account(account_id()).unwrap());
            let patch = patch(settings).seal([8; 16]);
            let after = Arc::new(before.apply(&patch, &account, start_of_test()).unwrap());
            Arc::make_mut(&mut deployment).put_user(Arc::clone(&after));
            after
        };
        self.calls.enforce(&before, &after, endings(&before, &after)).await
    }

    /// A phone over UDP that knows the user's password.
    pub(crate) async fn phone(&self, serial: u32) -> Phone {
        self.phone_over(serial, Wire::udp(self.address()).await)
    }

    pub(crate) fn phone_over(&self, serial: u32, wire: Wire) -> Phone {
        Phone::new(wire, &(200 + serial).to_string(), &password(serial), self.address())
    }

    /// The same, registered.
    pub(crate) async fn registered(&self, serial: u32) -> Phone {
        let mut phone = self.phone(serial).await;
        assert_eq!(phone.register(3600).await.status().unwrap().code(), 200);
        phone
    }

    /// The trunk's other end, which needs no password.
    pub(crate) async fn network(&mut self) -> Phone {
        let wire = Wire::udp(self.address()).await;
        let peer = Phone::new(wire, "+919811112222", "", self.address());
        self.put(trunk(1, peer.address()));
        peer
    }

    pub(crate) fn sign_in(&self, serial: u32) {
        self.kept.signed_in.lock().unwrap().push(Serial(serial));
    }

    pub(crate) fn pass_seconds(&self, seconds: i64) {
        self.kept.seconds.fetch_add(seconds, Ordering::SeqCst);
    }

    pub(crate) fn fill_disk(&self) {
        self.kept.disk_full.store(true, Ordering::SeqCst);
    }

    pub(crate) fn slow_disk(&self) {
        self.kept.slow_disk.store(true, Ordering::SeqCst);
    }

    pub(crate) fn records(&self) -> Vec<CallRecord> {
        self.kept.records.lock().unwrap().clone()
    }

    /// The only record so far.
    pub(crate) fn record(&self) -> CallRecord {
        let records = self.records();
        assert_eq!(records.len(), 1, "{records:#?}");
        records[0].clone()
    }

    pub(crate) fn binding_events(&self) -> Vec<BindingEvent> {
        self.kept.bindings.lock().unwrap().clone()
    }

    pub(crate) fn events(&self) -> Vec<calls::CallEventKind> {
        self.kept.events.lock().unwrap().iter().map(|event| event.kind).collect()
    }
}

fn host(kept: &Arc<Kept>) -> Host {
    let [one, two, three, four, five, six] = [(); 6].map(|()| Arc::clone(kept));
    Host {
        deployment: Arc::new(move || Arc::clone(&one.deployment.lock().unwrap())),
        web_session: Arc::new(move |user| two.signed_in.lock().unwrap().contains(&user.serial)),
        softphone: Arc::new(|name| {
            let password = PlainPassword::parse(SOFTPHONE_PASSWORD).unwrap();
            let digest = SipDigest::of(SOFTPHONE, REALM, &password);
            (name == SOFTPHONE).then_some(Softphone { user: user_id(1), digest })
        }),
        now: Arc::new(move || {
            let seconds = three.seconds.load(Ordering::SeqCst);
            start_of_test() + jiff::SignedDuration::from_secs(seconds)
        }),
        bindings: Arc::new(move |event| four.bindings.lock().unwrap().push(event)),
        records: Arc::new(move |record| {
            let kept = Arc::clone(&five);
            Box::pin(async move {
                if kept.disk_full.load(Ordering::SeqCst) {
                    return Err(RecordLost);
                }
                if kept.slow_disk.load(Ordering::SeqCst) {
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
                kept.records.lock().unwrap().push(record);
                Ok(())
            })
        }),
        heard: Arc::new(|_| true),
        events: Arc::new(move |event| six.events.lock().unwrap().push(event)),
    }
}

pub(crate) fn password(serial: u32) -> String {
    format!("Lotus-{serial}-petal!")
}

fn patch(settings: Value) -> UserPatch {
    let mut patch = UserPatch::default();
    for (field, value) in settings.as_object().unwrap() {
        Setting::parse(field).unwrap().write(&mut patch, value, india()).unwrap();
    }
    patch
}

fn account() -> Account {
    Account {
        id: account_id(),
        serial: Serial(1),
        version: 1,
        name: name("Lotus Support"),
        country: india(),
        time_zone: TimeZone::parse("Asia/Kolkata").unwrap(),
        created_at: start_of_test(),
        realm: REALM.into(),
        active: true,
        default_caller_id: None,
        two_factor: None,
        emergency_numbers: Vec::new(),
        dialects: DialectSwitches::default(),
    }
}

fn role() -> Role {
    let which = BuiltInRole::Regular;
    Role {
        id: role_id(1),
        serial: Serial(1),
        account: account_id(),
        version: 1,
        name: name(which.name()),
        permissions: which.permissions(),
        built_in: Some(which),
        two_factor: None,
        deleted: false,
    }
}

pub(crate) fn number(serial: u32, digits: &str, destination: Option<Destination>) -> Number {
    Number {
        id: number_id(serial),
        serial: Serial(serial),
        account: account_id(),
        version: 1,
        number: PhoneNumber::parse(digits, india()).unwrap(),
        name: None,
        description: None,
        destination,
        deleted: false,
    }
}

pub(crate) fn team(serial: u32, strategy: RingStrategy, members: &[u32]) -> Team {
    Team {
        id: team_id(serial),
        serial: Serial(serial),
        account: account_id(),
        version: 1,
        kind: TeamKind::Group,
        name: name("Sales"),
        description: None,
        extension: Some(format!("{}", 600 + serial).into()),
        strategy,
        ring_seconds: 20,
        order: members.iter().map(|serial| user_id(*serial)).collect(),
        hours: None,
        failover: None,
        vendor: serde_json::Map::new(),
        deleted: false,
    }
}

pub(crate) fn trunk(serial: u32, peer: SocketAddr) -> Trunk {
    Trunk {
        id: TrunkId(Uuid::from_u128(0x500_0000 + u128::from(serial))),
        serial: Serial(serial),
        account: account_id(),
        version: 1,
        name: name("Carrier"),
        host: peer.to_string().into(),
        transport: TrunkTransport::Udp,
        username: None,
        password: None,
        networks: vec![domain::network::IpNetwork::from(peer.ip())],
        calls_max: 0,
        active: true,
        deleted: false,
    }
}

pub(crate) fn blocked(digits: &str) -> BlockedNumber {
    BlockedNumber {
        id: BlockedNumberId(Uuid::from_u128(9)),
        serial: Serial(1),
        account: account_id(),
        version: 1,
        number: digits.into(),
        numbers: Vec::new(),
        created_at: start_of_test(),
        deleted: false,
    }
}
