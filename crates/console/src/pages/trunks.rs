//! SIP peers towards the public network.

use std::sync::Arc;

use axum::extract::Path;
use domain::id::{Serial, TrunkId};
use domain::network::IpNetwork;
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind, Trunk, TrunkTransport};
use domain::stored_secret::StoredSecret;
use domain::text::Name;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::fields::{Choice, Control, Field};
use crate::form::Pairs;
use crate::resource_page::{EditPage, Kind, ListRow, refused};
use crate::session::{Posted, Signed};
use crate::trunk_words;

const KIND: Kind = Kind { resources: ResourceKind::Trunk, list: "/trunks", word: "trunk" };
const ABOUT: &str = "Providers that carry calls to and from the public network.";
const TRANSPORTS: &[(TrunkTransport, &str, &str)] = &[
    (TrunkTransport::Udp, "udp", "UDP"),
    (TrunkTransport::Tcp, "tcp", "TCP"),
    (TrunkTransport::Tls, "tls", "TLS"),
];

pub(crate) async fn list(signed: Signed) -> Answer {
    signed.require(Permission::AccountWrite)?;
    let trunks = signed.account.trunks.values().filter(|it| !it.deleted);
    let zone = signed.zone();
    let row = |trunk: &Arc<Trunk>| {
        let state = signed.console.directory.trunk_state(trunk.id, &signed.caller)?;
        Ok(ListRow {
            path: format!("/trunks/{}", trunk.id),
            name: trunk.name.to_string(),
            cells: vec![
                trunk.host.to_string(),
                transport(trunk.transport).to_owned(),
                trunk_words::calls(trunk, &state),
                trunk_words::reach(trunk, &state, zone),
            ],
        })
    };
    let rows = trunks.map(row).collect::<Result<_, Fault>>()?;
    let headings = &["Name", "Host", "Over", "Calls now", "State"];
    KIND.list_page(&signed, "Trunks", ABOUT, (headings, rows))
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::AccountWrite)?;
    let trunk = found(&signed, &id)?;
    signed.page(&page(&signed, trunk.as_ref()))
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let trunk = found(&signed, &id)?;
    let next = match written(&signed, trunk.as_ref(), &form) {
        Ok(next) => next,
        Err(refusal) => return refused(&signed, page(&signed, trunk.as_ref()), &form, &[refusal]),
    };
    let existing = trunk.clone().map(Resource::from);
    let put = KIND.put(&signed, existing.as_ref(), next.into(), &form).await;
    KIND.answered(&signed, put, &form, || page(&signed, trunk.as_ref()))
}

pub(crate) async fn delete(Path(id): Path<String>, posted: Posted) -> Answer {
    KIND.delete(&id, posted).await
}

fn transport(transport: TrunkTransport) -> &'static str {
    TRANSPORTS.iter().find(|(it, ..)| *it == transport).map_or("", |(.., label)| label)
}

/// `None` for a new one.
fn found(signed: &Signed, id: &str) -> Result<Option<Trunk>, Fault> {
    if id == "new" {
        return Ok(None);
    }
    let id: TrunkId = id.parse().map_err(|_| Fault::NotFound)?;
    let trunk = signed.account.trunks.get(&id).filter(|it| !it.deleted);
    trunk.map(|it| Some((**it).clone())).ok_or(Fault::NotFound)
}

fn page(signed: &Signed, trunk: Option<&Trunk>) -> EditPage {
    let existing = trunk.cloned().map(Resource::from);
    KIND.edit_page(signed, existing.as_ref(), fields(trunk))
}

fn fields(trunk: Option<&Trunk>) -> Vec<Field> {
    let text = |read: fn(&Trunk) -> String| trunk.map(read).unwrap_or_default();
    let chosen = trunk.map(|it| it.transport).unwrap_or_default();
    let transports = TRANSPORTS.iter();
    let transports =
        transports.map(|(it, word, label)| Choice::new(*word, *label, *it == chosen)).collect();
    let lines =
        |it: &Trunk| it.networks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let is_set = trunk.is_some_and(|it| it.password.is_some());
    let is_on = trunk.is_none_or(|it| it.active);
    vec![
        Field::text("name", "Name", "What colleagues call it.", &text(|it| it.name.to_string())),
        Field::text(
            "host",
            "Host",
            "Where calls go: a host name or address, with a port where it is not the usual one.",
            &text(|it| it.host.to_string()),
        ),
        Field::choice("transport", "Over", "How the provider takes SIP.", transports),
        Field::text(
            "username",
            "User name",
            "For providers that ask for one. Empty forgets the password too.",
            &text(|it| it.username.as_deref().unwrap_or_default().to_owned()),
        ),
        Field::new(
            "password",
            "Password",
            "Answers the provider's challenge. Never shown.",
            Control::Secret { is_set },
        ),
        Field::new(
            "networks",
            "Networks",
            "Where its calls come from, one address or network a line: believed without a password.",
            Control::Lines { value: trunk.map(lines).unwrap_or_default() },
        ),
        Field::new(
            "calls_max",
            "Calls at once",
            "0 for any number.",
            Control::Number { value: trunk.map_or(0, |it| it.calls_max).to_string() },
        ),
        Field::new("active", "On", "Off, it carries no call.", Control::Flag { is_on }),
    ]
}

fn written(signed: &Signed, trunk: Option<&Trunk>, form: &Pairs) -> Result<Trunk, Refusal> {
    let malformed = |expected| domain::fault::Fault::Malformed { expected };
    let name = Name::parse(form.text("name").unwrap_or_default());
    let networks = form.one("networks").unwrap_or_default().split_whitespace();
    let networks = networks.map(IpNetwork::parse).collect::<Result<Vec<_>, _>>();
    let chosen = TRANSPORTS.iter().find(|(_, word, _)| form.text("transport") == Some(word));
    let username: Option<Box<str>> = form.text("username").map(Into::into);
    let typed = form.text("password").map(StoredSecret::new);
    let kept = trunk.and_then(|it| it.password.clone()).filter(|_| username.is_some());
    let calls_max = form.parsed("calls_max");
    Ok(Trunk {
        id: trunk.map_or(TrunkId(uuid::Uuid::nil()), |it| it.id),
        serial: trunk.map_or(Serial::default(), |it| it.serial),
        account: signed.account.account.id,
        version: trunk.map_or(0, |it| it.version),
        name: name.map_err(|fault| Refusal::of("name", fault))?,
        host: form.text("host").unwrap_or_default().into(),
        transport: chosen.map(|(it, ..)| *it).unwrap_or_default(),
        username,
        password: typed.or(kept),
        networks: networks.map_err(|fault| Refusal::of("networks", fault))?,
        calls_max: calls_max
            .ok_or_else(|| Refusal::of("calls_max", malformed("a whole number, 0 to 65535")))?,
        active: form.one("active") == Some("1"),
        deleted: false,
    })
}
