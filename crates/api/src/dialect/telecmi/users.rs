//! TeleCMI's users: add, update, remove, list, get, status, and supervisors.
//!
//! A supervisor is a user who may see everybody's calls: the vendor documents no other difference.

use directory::{Error, NewUser, Options, UserChange};
use domain::change::Change;
use domain::id::UserId;
use domain::patch::UserPatch;
use domain::permission::Permission;
use domain::read;
use domain::rights;
use domain::text::Login;
use domain::user::{CallScope, Presence, User};
use serde_json::{Map, Value, json};

use super::envelope::{Failure, saved};
use super::fields;
use super::request::{App, require, text};
use super::version::Version;
use super::{Call, Operation, app_token, call_lists};
use crate::dialect::field::{Field, Wrong, parse, render};
use crate::reply::Reply;
use crate::state::Api;

/// Users on one page, at most and unless fewer are asked for; the vendor's own number.
const PAGE_MAX: u64 = 10;
/// How often an update that gives one hour only is begun again because somebody else changed the
/// user meanwhile.
const ATTEMPTS_MAX: u32 = 5;

/// Everything an app does with its id and secret.
pub(super) async fn operate(
    call: Call,
    request: &Map<String, Value>,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let version = call.version;
    match call.operation {
        Operation::Add => add(request, version, app, api).await,
        Operation::AddSupervisor => add_supervisor(request, version, app, api).await,
        Operation::Update => update(request, version, app, api).await,
        Operation::Remove => remove(request, version, app, api).await,
        Operation::Status => set_status(request, version, app, api).await,
        Operation::List => list(request, version, app),
        Operation::Get => get(request, version, app),
        Operation::Token => app_token::give(request, version, app, api).await,
        Operation::AppCalls(listed) => {
            call_lists::of_app(request, (version, listed), app, api).await
        }
        Operation::Analysis => call_lists::analysis(request, version, app, api).await,
        Operation::Balance => {
            Err(Failure::NotHere("There is no balance, calls are not charged for on this server"))
        }
        Operation::Login
        | Operation::CallerIds
        | Operation::SetCallerId
        | Operation::OwnCalls(_)
        | Operation::ClickAsApp
        | Operation::ClickAsUser
        | Operation::HangUp
        | Operation::Notes => Err(Failure::UnknownPath),
    }
}

async fn add(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let user = create(request, version, CallScope::Own, app, api).await?.after;
    let agent = shown(fields::added(version), &user, app);
    Ok(saved(version, Some(("agent", Value::Object(agent)))))
}

async fn add_supervisor(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let user = create(request, version, CallScope::All, app, api).await?.after;
    let mut supervisor = Map::new();
    supervisor.insert("super_id".to_owned(), json!(app.id_of(&user)));
    supervisor.extend(render(fields::added(version), &user, &app.account));
    Ok(saved(version, Some(("super", Value::Object(supervisor)))))
}

async fn create(
    request: &Map<String, Value>,
    version: Version,
    call_scope: CallScope,
    app: &App,
    api: &Api,
) -> Result<UserChange, Failure> {
    require(
        request,
        match version {
            Version::V2 | Version::India => &["extension", "name", "phone_number", "password"],
            Version::V3 => &["extension", "password"],
        },
    )?;
    let mut patch = new_user(request, version, app).map_err(Failure::Wrong)?;
    patch.call_scope = Change::Set(call_scope);
    let new = NewUser {
        patch: api.directory.seal_new(patch).await?,
        id: UserId(api.directory.new_id()),
        role: None,
        phone_must_be_new: false,
        assign_extension: false,
    };
    Ok(api.directory.create_user(new, &app.caller, Options::default()).await?)
}

/// A new user signs in under his id, as with the vendor. Where another has that for a login, who
/// had the extension before, he signs in to the console otherwise; the vendor's own login goes by
/// extension.
fn new_user(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
) -> Result<UserPatch, Vec<Wrong>> {
    let parsed = parse(fields::parameters(version), request, &app.account);
    let (mut patch, mut wrong) = match parsed {
        Ok(patch) => (patch, Vec::new()),
        Err(wrong) => (UserPatch::default(), wrong),
    };
    if let Err(fault) = fields::extension(request, version, &mut patch, &app.account) {
        wrong.insert(0, fault);
    }
    if let Some(extension) = patch.extension.value() {
        match Login::parse(&format!("{extension}_{}", app.id)) {
            Ok(login) if app.account.user_by_login(login.as_str()).is_some() => {}
            Ok(login) => patch.login = Change::Set(login),
            Err(fault) => wrong.push(Wrong { key: "extension".to_owned(), fault }),
        }
    }
    if wrong.is_empty() { Ok(patch) } else { Err(wrong) }
}

async fn update(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let mandatory: &[&str] = match version {
        Version::V2 | Version::India => &["name", "phone_number", "password"],
        Version::V3 => &[],
    };
    let id = match version {
        Version::V2 | Version::India => "id",
        Version::V3 => "agent_id",
    };
    match text(request, &["id", "agent_id"]) {
        Ok(_) => require(request, mandatory)?,
        Err(_) => require(request, &[&[id], mandatory].concat())?,
    }
    let change = change(request, version, app, api).await?;
    match version {
        Version::V3 if !change.is_change() => Err(Failure::Unchanged),
        Version::V3 => Ok(saved(version, None)),
        Version::V2 | Version::India => {
            let mut agent = render(fields::updated(version), &change.after, &app.account);
            // Only what was received in this request; what is stored cannot be shown.
            agent.insert("password".to_owned(), json!(text(request, &["password"])?));
            Ok(saved(version, Some(("agent", Value::Object(agent)))))
        }
    }
}

/// Changes the user; where his other hour counts, only as he was when it was read.
async fn change(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<UserChange, Failure> {
    let half = match fields::given(request) {
        fields::Given::Start | fields::Given::End => true,
        fields::Given::Neither | fields::Given::Both => false,
    };
    for _ in 0..ATTEMPTS_MAX {
        let account = api.directory.account(&app.caller)?;
        let app = App { id: app.id, caller: app.caller.clone(), account };
        let user = app.user(request)?;
        let patch = patch(request, version, &user, &app).map_err(Failure::Wrong)?;
        let expected_version = half.then_some(user.version);
        let options = Options { expected_version, ..Options::default() };
        match api.directory.change_user(user.id, patch, &app.caller, options).await {
            Err(Error::Stale { .. }) => {}
            answered => return Ok(answered?),
        }
    }
    Err(Failure::Busy)
}

fn patch(
    request: &Map<String, Value>,
    version: Version,
    user: &User,
    app: &App,
) -> Result<UserPatch, Vec<Wrong>> {
    let mut patch = parse(fields::parameters(version), request, &app.account)?;
    fields::keep_finer_name(request, user, &mut patch);
    fields::join_hours(request, user, &mut patch).map_err(|wrong| vec![wrong])?;
    Ok(patch)
}

async fn remove(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    let user = app.user(request)?.id;
    let patch = UserPatch { deleted: Change::Set(true), ..UserPatch::default() };
    api.directory.change_user(user, patch, &app.caller, Options::default()).await?;
    Ok(Reply::ok(json!({ "code": version.code_of_list(), "status": "success" })))
}

/// Answers the new presence under `status`, where everything else answers "success".
async fn set_status(
    request: &Map<String, Value>,
    version: Version,
    app: &App,
    api: &Api,
) -> Result<Reply, Failure> {
    if text(request, &["id", "agent_id"]).is_err() {
        require(request, &["id", "status"])?;
    }
    let status = text(request, &["status"])?.trim().to_ascii_lowercase();
    let user = app.user(request)?.id;
    let presence = match status.as_str() {
        "online" => Presence::Online,
        "offline" => Presence::Offline,
        "break" => Presence::Break,
        "dialer" => Presence::Dialer,
        _ => return Err(Failure::BadStatus),
    };
    let patch = UserPatch { presence: Change::Set(presence), ..UserPatch::default() };
    api.directory.change_user(user, patch, &app.caller, Options::default()).await?;
    Ok(Reply::ok(json!({
        "code": version.code(200),
        "status": status,
        "msg": "status updated successfully",
    })))
}

fn list(request: &Map<String, Value>, version: Version, app: &App) -> Result<Reply, Failure> {
    rights::require(&app.caller, Permission::UsersRead).map_err(Error::Forbidden)?;
    let page = at_least_one(request, "page", u64::from(u32::MAX))?.unwrap_or(1);
    let limit = at_least_one(request, "limit", PAGE_MAX)?.unwrap_or(PAGE_MAX);
    let name = match version {
        Version::V3 => text(request, &["name"]).unwrap_or_default().to_lowercase(),
        Version::V2 | Version::India => String::new(),
    };
    let users = || {
        let all = app.account.users().filter(|user| is_agent(user));
        all.filter(|user| name.is_empty() || user.name().to_lowercase().contains(&name))
    };
    let skipped = usize::try_from((page - 1) * limit).unwrap_or(usize::MAX);
    let taken = usize::try_from(limit).unwrap_or_default();
    let agents: Vec<Value> = users()
        .skip(skipped)
        .take(taken)
        .map(|user| Value::Object(shown(fields::listed(version), user, app)))
        .collect();
    Ok(Reply::ok(json!({
        "code": version.code_of_list(),
        "status": "success",
        "count": users().count(),
        "agents": agents,
    })))
}

fn get(request: &Map<String, Value>, version: Version, app: &App) -> Result<Reply, Failure> {
    rights::require(&app.caller, Permission::UsersRead).map_err(Error::Forbidden)?;
    let user = app.user(request)?;
    Ok(Reply::ok(json!({
        "code": version.code(200),
        "status": "success",
        "agent": shown(fields::got(version), &user, app),
    })))
}

/// Users without an extension have no id here.
fn is_agent(user: &User) -> bool {
    !user.is_deleted() && user.telephone.extension.is_some()
}

fn shown(rows: &[Field], user: &User, app: &App) -> Map<String, Value> {
    let mut agent = Map::new();
    agent.insert("agent_id".to_owned(), json!(app.id_of(user)));
    agent.extend(render(rows, user, &app.account));
    agent
}

pub(super) fn at_least_one(
    request: &Map<String, Value>,
    key: &str,
    max: u64,
) -> Result<Option<u64>, Failure> {
    let Some(value) = request.get(key) else { return Ok(None) };
    let wrong = |fault| Failure::Wrong(vec![Wrong { key: key.to_owned(), fault }]);
    let out_of_range =
        domain::fault::Fault::OutOfRange { min: 1, max: i64::try_from(max).unwrap_or(i64::MAX) };
    match read::whole(value, max).map_err(wrong)? {
        0 => Err(wrong(out_of_range)),
        number => Ok(Some(number)),
    }
}
