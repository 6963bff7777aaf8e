//! Users as the platform shows them: in lists, and alone —
//! <https://docs.smartflo.tatatelebusiness.com/reference/fetch-multiple-users> and
//! <https://docs.smartflo.tatatelebusiness.com/reference/fetch-single-user> (read 2026-11).

use domain::phone::PhoneNumber;
use domain::resource::Destination;
use domain::shift::Shift;
use domain::snapshot::Snapshot;
use domain::user::{CallScope, Presence, User};
use serde_json::{Map, Value, json};

use super::ids;
use super::numbers;

/// Status of an agent: disabled over blocked over everything else.
fn agent_status(user: &User) -> u8 {
    if user.standing.agent_disabled || !user.stands() {
        2
    } else if user.standing.calls_blocked {
        1
    } else if user.availability.presence == Presence::Offline {
        4
    } else {
        0
    }
}

fn phone(user: &User) -> Value {
    user.identity.phone.map(PhoneNumber::e164).into()
}

fn role(user: &User, account: &Snapshot) -> Value {
    match account.role(user.role) {
        Some(role) => json!({ "id": role.serial, "name": role.name }),
        None => json!({ "id": null, "name": null }),
    }
}

/// One row of a list; clients call methods on `agent` and `user_role`, so both are objects.
pub(super) fn row(user: &User, account: &Snapshot, with_number: bool) -> Value {
    let mut row = Map::new();
    let mut put = |key: &str, value: Value| drop(row.insert(key.to_owned(), value));
    put("id", json!(user.serial));
    put("name", json!(user.name()));
    if with_number {
        put("number", phone(user));
    }
    put(
        "agent",
        json!({
            "id": ids::agent_id(account, user),
            "name": user.name(),
            "status": agent_status(user),
            "follow_me_number": phone(user),
        }),
    );
    put("login_id", json!(user.sign_in.login));
    put("is_login_based_calling_enabled", json!(user.outgoing.login_required));
    put("is_international_outbound_enabled", json!(user.outgoing.international));
    put("user_role", role(user, account));
    put("extension", extension(user));
    put("intercom", json!(ids::intercom(user)));
    put("user_status", json!(u8::from(user.stands())));
    row.into()
}

fn extension(user: &User) -> Value {
    user.telephone.extension.map(|extension| extension.to_string()).into()
}

/// One user alone. Ids are texts here.
pub(super) fn single(user: &User, account: &Snapshot) -> Value {
    json!({
        "data": {
            "id": user.serial.to_string(),
            "name": user.name(),
            "number": phone(user),
            "team_member": {
                "designation": user.identity.title,
                "email": user.identity.email,
                "login_id": user.sign_in.login,
                "status": u8::from(user.stands()),
                "role": role_backwards(user, account),
                "is_login_based_calling": user.outgoing.login_required,
                "is_web_login_block": user.sign_in.web_login_blocked,
                "users_for_cdr": call_scope(user, account),
            },
            "agent": {
                "id": ids::agent_id(account, user),
                "intercom": ids::intercom(user),
                "number": phone(user),
                "agent_status": agent_status(user),
                "extension": {
                    "username": ids::extension_id(account, user),
                    "outbound_block": user.standing.calls_blocked,
                },
                "sticky_Agent": null,
                "time_group": time_group(user, account),
                "failover_destination": failover(user, account),
                "is_international_outbound_enabled": user.outgoing.international,
                "caller_id": numbers(user, account),
                "agent_group": groups(user, account),
            },
        }
    })
}

/// Name before id, as the vendor has it here.
fn role_backwards(user: &User, account: &Snapshot) -> Value {
    match account.role(user.role) {
        Some(role) => json!({ "name": role.name, "id": role.serial }),
        None => json!({ "name": null, "id": null }),
    }
}

/// Where a call goes that the agent does not take.
fn failover(user: &User, account: &Snapshot) -> Value {
    let Some(failover) = user.availability.failover else { return Value::Null };
    let Some(text) = numbers::destination(failover, account) else { return Value::Null };
    let (kind, id) = text.split_once("||").unwrap_or_default();
    let name = match failover {
        Destination::HangUp => Some("Hang up".to_owned()),
        Destination::User(id) => account.user(id).map(|user| user.name()),
        Destination::Team(id) => account.team(id).map(|team| team.name.to_string()),
    };
    json!({ "id": id, "name": name, "type": kind })
}

fn call_scope(user: &User, account: &Snapshot) -> Value {
    match &user.call_scope {
        CallScope::All => json!({ "type": "all", "value": null }),
        CallScope::Own => json!({ "type": "self", "value": [ids::agent_id(account, user)] }),
        CallScope::Users(users) => {
            let known = users.iter().filter_map(|id| account.user(*id));
            let agents: Vec<_> = known.map(|user| ids::agent_id(account, user)).collect();
            json!({ "type": "agent", "value": agents })
        }
    }
}

/// The time group whose shift the user has copied, where one still has it.
fn time_group(user: &User, account: &Snapshot) -> Value {
    let shift: Option<&Shift> = user.availability.shift.as_deref();
    let mut templates = account.shift_templates.values();
    let found = templates.find(|it| !it.deleted && Some(&it.shift) == shift);
    found.map_or(Value::Null, |it| json!({ "id": it.serial, "name": it.name }))
}

fn numbers(user: &User, account: &Snapshot) -> Value {
    let known = user.outgoing.caller_ids.iter().filter_map(|id| account.number(*id));
    known.map(|number| Value::from(number.serial.to_string())).collect()
}

fn groups(user: &User, account: &Snapshot) -> Value {
    let known = user.membership.groups.iter().filter_map(|id| account.team(*id));
    known.map(|team| json!({ "id": team.serial, "name": team.name })).collect()
}
