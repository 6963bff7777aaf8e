//! The sample account of `rollcall demo`: three users, two numbers, a group, a desk, a skill group.
//!
//! The directory keeps no secret it could show again, so the demo keeps its own (`folder`); what
//! a person is told of them is in `guide`. Nothing else in the program knows of a demo.

pub(crate) mod folder;
mod guide;

use directory::{Directory, Founded, Founding, NewUser, Options, random_word};
use domain::caller::Caller;
use domain::change::Change;
use domain::id::{NumberId, RoleId, Serial, TeamId, UserId};
use domain::patch::UserPatch;
use domain::permission::{Permission, Role};
use domain::phone::Country;
use domain::resource::{Destination, Number, Resource, RingStrategy, Team, TeamKind};
use domain::setting::Setting;
use domain::text::Name;
use domain::user::{TeamSet, User};
use domain::zone::TimeZone;
use serde_json::{Value, json};

use crate::credentials;
use crate::output::Failure;

/// TeleCMI's documented sample uses this app id.
const APP_ID: u32 = 1_111_112;
/// First and last name, and the extension.
const USERS: [(&str, &str, &str); 3] =
    [("Asha", "Rao", "101"), ("Ravi", "Menon", "102"), ("Meera", "Das", "103")];
const NUMBERS: [&str; 2] = ["+918045678901", "+918045678902"];

/// What a demo prints for a person.
pub(crate) fn guide(ready: &Value, folder: &str) -> String {
    guide::guide(ready, folder)
}

/// The first one is where the numbers ring.
const TEAMS: [(TeamKind, &str); 3] =
    [(TeamKind::Group, "Sales"), (TeamKind::SkillGroup, "Hindi"), (TeamKind::Desk, "Front desk")];
/// A role between the two built-in ones: sees everything, changes nothing.
const SUPERVISOR: [Permission; 4] = [
    Permission::UsersRead,
    Permission::ResourcesRead,
    Permission::HistoryRead,
    Permission::CallsRead,
];

/// Creates the account and everything in it, and returns what `--json` prints, but for addresses.
pub(crate) async fn create(directory: &Directory) -> Result<Value, Failure> {
    let wrong = |fault: domain::fault::Fault| Failure::new(format!("the demo's data {fault}"));
    let founding = Founding {
        name: Name::parse("Demo").map_err(wrong)?,
        country: Country::parse("IN").map_err(wrong)?,
        time_zone: TimeZone::parse("Asia/Kolkata").map_err(wrong)?,
        app_id: Some(APP_ID),
    };
    let founded = directory.found_account(founding).await?;
    let operator = Caller::operator(founded.account.id);
    let demo = Demo { directory, founded: &founded, operator };
    let mut sales = None;
    for (kind, name) in TEAMS {
        let team = demo.team(kind, name).await?;
        sales = sales.or(Some(team));
    }
    demo.supervisor().await?;
    let mut numbers = Vec::new();
    for number in NUMBERS {
        numbers.push(demo.number(number, sales).await?);
    }
    let mut users = Vec::new();
    for user in USERS {
        users.push(demo.user(user).await?);
    }
    Ok(shown(&founded, numbers, users))
}

struct Demo<'a> {
    directory: &'a Directory,
    founded: &'a Founded,
    operator: Caller,
}

impl Demo<'_> {
    async fn create(&self, resource: Resource) -> Result<Resource, Failure> {
        let options = Options::default();
        Ok(self.directory.create_resource(resource, &self.operator, options).await?.after)
    }

    async fn number(&self, e164: &str, rings: Option<TeamId>) -> Result<Value, Failure> {
        let account = &self.founded.account;
        let number = domain::phone::PhoneNumber::parse(e164, account.country)
            .map_err(|fault| Failure::new(format!("the demo's number {fault}")))?;
        let created = self
            .create(Resource::Number(Number {
                id: NumberId(self.directory.new_id()),
                serial: Serial::default(),
                account: account.id,
                version: 1,
                number,
                name: None,
                description: None,
                destination: rings.map(Destination::Team),
                deleted: false,
            }))
            .await?;
        Ok(json!({ "id": created.id(), "serial": created.serial(), "number": e164 }))
    }

    async fn team(&self, kind: TeamKind, name: &str) -> Result<TeamId, Failure> {
        let name = Name::parse(name).map_err(|fault| Failure::new(format!("the team {fault}")))?;
        let team = Resource::Team(Team {
            id: TeamId(self.directory.new_id()),
            serial: Serial::default(),
            account: self.founded.account.id,
            version: 1,
            kind,
            name,
            description: None,
            extension: None,
            strategy: RingStrategy::default(),
            ring_seconds: 20,
            order: Vec::new(),
            hours: None,
            failover: None,
            vendor: serde_json::Map::new(),
            deleted: false,
        });
        Ok(TeamId(self.create(team).await?.id()))
    }

    async fn supervisor(&self) -> Result<(), Failure> {
        let name = Name::parse("Supervisor");
        let role = Resource::Role(Role {
            id: RoleId(self.directory.new_id()),
            serial: Serial::default(),
            account: self.founded.account.id,
            version: 1,
            name: name.map_err(|fault| Failure::new(format!("the role {fault}")))?,
            permissions: SUPERVISOR.into_iter().collect(),
            built_in: None,
            two_factor: None,
            deleted: false,
        });
        self.create(role).await?;
        Ok(())
    }

    async fn user(&self, (first, last, extension): (&str, &str, &str)) -> Result<Value, Failure> {
        let (password, sip_password) = (random_word(12), random_word(16));
        let login = first.to_lowercase();
        let settings = [
            (Setting::FirstName, json!(first)),
            (Setting::LastName, json!(last)),
            (Setting::Login, json!(login)),
            (Setting::Email, json!(format!("{login}@example.net"))),
            (Setting::Phone, json!(format!("+919100000{extension}"))),
            (Setting::Extension, json!(extension)),
            (Setting::Password, json!(password)),
            (Setting::SipPassword, json!(sip_password)),
            (Setting::Webrtc, json!(true)),
        ];
        let mut patch = UserPatch::default();
        for (setting, value) in settings {
            let country = self.founded.account.country;
            let written = setting.write(&mut patch, &value, country);
            written.map_err(|fault| Failure::new(format!("{} {fault}", setting.name())))?;
        }
        patch.groups = Change::Set(self.team_ids(TeamKind::Group));
        patch.skill_groups = Change::Set(TeamSet::All);
        patch.desks = Change::Set(TeamSet::All);
        patch.caller_ids = Change::Set(self.number_ids());
        let new = NewUser {
            patch: self.directory.seal_new(patch).await?,
            id: UserId(self.directory.new_id()),
            role: None,
            phone_must_be_new: false,
            assign_extension: false,
        };
        let options = Options::default();
        let user = self.directory.create_user(new, &self.operator, options).await?.after;
        Ok(json!({
            "id": user.id,
            "serial": user.serial,
            "extension": extension,
            "telecmi_id": format!("{extension}_{APP_ID}"),
            "acefone_agent_id": agent_id(self.founded.account.serial, &user),
            "login": login,
            "password": password,
            "sip_password": sip_password,
        }))
    }

    fn number_ids(&self) -> Box<[NumberId]> {
        let deployment = self.directory.deployment();
        let account = deployment.account(self.founded.account.id);
        account.into_iter().flat_map(|account| account.numbers.keys().copied()).collect()
    }

    fn team_ids(&self, kind: TeamKind) -> Box<[TeamId]> {
        let deployment = self.directory.deployment();
        let account = deployment.account(self.founded.account.id);
        let teams = account.map(|account| account.teams_of(kind)).unwrap_or_default();
        teams.iter().map(|team| team.id).collect()
    }
}

/// Acefone's agent id: 05, seven digits of the account, at least four of the user.
fn agent_id(account: Serial, user: &User) -> String {
    format!("05{:07}{:04}", account.0, user.serial.0)
}

fn shown(founded: &Founded, numbers: Vec<Value>, users: Vec<Value>) -> Value {
    json!({
        "account": founded.account.id,
        "credentials": credentials::json(founded),
        "console": credentials::console(founded),
        "numbers": numbers,
        "users": users,
    })
}
