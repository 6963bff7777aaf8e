//! The sample account of `rollcall demo`: three users, two numbers, a group, a desk, a skill group.
//!
//! The directory keeps no secret it could show again, so the demo keeps its own in `demo.json`
//! beside the data, readable by its owner only. A folder without that file is not a demo.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use directory::{Directory, Founded, Founding, NewUser, Options, random_word};
use domain::caller::Caller;
use domain::change::Change;
use domain::id::{AccountId, NumberId, Serial, TeamId, UserId};
use domain::patch::UserPatch;
use domain::phone::Country;
use domain::resource::{Number, Resource, RingStrategy, Team, TeamKind};
use domain::setting::Setting;
use domain::text::Name;
use domain::user::User;
use domain::zone::TimeZone;
use serde_json::{Value, json};

use crate::output::Failure;

/// The secrets and ids of a demo, in its data folder.
pub(crate) const FILE: &str = "demo.json";
/// TeleCMI's documented sample uses this app id.
const APP_ID: u32 = 1_111_112;
/// First and last name, and the extension.
const USERS: [(&str, &str, &str); 3] =
    [("Asha", "Rao", "101"), ("Ravi", "Menon", "102"), ("Meera", "Das", "103")];
const NUMBERS: [&str; 2] = ["+918045678901", "+918045678902"];

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
    let mut numbers = Vec::new();
    for number in NUMBERS {
        numbers.push(demo.number(number).await?);
    }
    for (kind, name) in [
        (TeamKind::Group, "Sales"),
        (TeamKind::SkillGroup, "Hindi"),
        (TeamKind::Desk, "Front desk"),
    ] {
        demo.team(kind, name).await?;
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

    async fn number(&self, e164: &str) -> Result<Value, Failure> {
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
                destination: None,
                deleted: false,
            }))
            .await?;
        Ok(json!({ "id": created.id(), "serial": created.serial(), "number": e164 }))
    }

    async fn team(&self, kind: TeamKind, name: &str) -> Result<(), Failure> {
        let name = Name::parse(name).map_err(|fault| Failure::new(format!("the team {fault}")))?;
        self.create(Resource::Team(Team {
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
        }))
        .await?;
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
    let (app_id, app_secret) = &founded.telecmi;
    let (username, password) = &founded.commpeak;
    json!({
        "account": founded.account.id,
        "credentials": {
            "native": { "token": founded.native.expose() },
            "callerdesk": { "authcode": founded.callerdesk.expose() },
            "telecmi": { "appid": app_id, "secret": app_secret.expose() },
            "acefone": { "token": founded.acefone.expose() },
            "smartflo": { "token": founded.smartflo.expose() },
            "commpeak": { "username": username, "password": password.expose() },
        },
        "console": { "login": founded.login, "password": founded.password.expose() },
        "numbers": numbers,
        "users": users,
    })
}

/// What an earlier start of this demo kept; `None` where the folder is new.
///
/// # Errors
///
/// The folder holds something else.
pub(crate) fn kept(folder: &Path) -> Result<Option<Value>, Failure> {
    let file = folder.join(FILE);
    if file.exists() {
        let text = std::fs::read_to_string(&file)
            .map_err(|error| Failure::because(&format!("read {}", file.display()), &error))?;
        let kept = serde_json::from_str(&text)
            .map_err(|error| Failure::because(&format!("read {}", file.display()), &error))?;
        return Ok(Some(kept));
    }
    let entries = std::fs::read_dir(folder).map(|mut entries| entries.next().is_some());
    if entries.unwrap_or(false) {
        return Err(Failure::new(format!("{} holds something that is no demo", folder.display()))
            .hint("name a new folder with --data, or serve this one with `rollcall serve`"));
    }
    Ok(None)
}

/// Keeps the demo's secrets, for its owner only.
pub(crate) fn keep(folder: &Path, demo: &Value) -> Result<(), Failure> {
    let file = folder.join(FILE);
    let failed = |error| Failure::because(&format!("write {}", file.display()), &error);
    let mut options = std::fs::OpenOptions::new();
    let mut opened =
        options.write(true).create_new(true).mode(0o600).open(&file).map_err(failed)?;
    opened.write_all(demo.to_string().as_bytes()).and_then(|()| opened.sync_all()).map_err(failed)
}

/// The account of a kept demo, where it is readable.
pub(crate) fn account(demo: &Value) -> Option<AccountId> {
    demo.get("account")?.as_str()?.parse().ok()
}
