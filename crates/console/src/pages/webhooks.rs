//! Addresses that are told of changes and calls.

use std::sync::Arc;

use axum::extract::Path;
use domain::id::{Serial, WebhookId};
use domain::permission::Permission;
use domain::refusal::Refusal;
use domain::resource::{Resource, ResourceKind, Webhook, WebhookFormat};
use domain::stored_secret::StoredSecret;
use domain::text::Name;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::fields::{Choice, Control, Field};
use crate::form::Pairs;
use crate::resource_page::{EditPage, Kind, ListRow, refused};
use crate::session::{Posted, Signed};

const KIND: Kind = Kind { resources: ResourceKind::Webhook, list: "/webhooks", word: "webhook" };
const ABOUT: &str = "Addresses that are told of changes and calls as they happen.";
const FORMATS: &[(WebhookFormat, &str, &str)] = &[
    (WebhookFormat::Rollcall, "rollcall", "Rollcall's own, signed"),
    (WebhookFormat::Callerdesk, "callerdesk", "CallerDesk's"),
    (WebhookFormat::Telecmi, "telecmi", "TeleCMI's"),
    (WebhookFormat::Acefone, "acefone", "Acefone's"),
    (WebhookFormat::Smartflo, "smartflo", "Smartflo's"),
];

pub(crate) async fn list(signed: Signed) -> Answer {
    signed.require(Permission::AccountWrite)?;
    let webhooks = signed.account.webhooks.values().filter(|it| !it.deleted);
    let row = |webhook: &Arc<Webhook>| ListRow {
        path: format!("/webhooks/{}/deliveries", webhook.id),
        name: webhook.name.to_string(),
        cells: vec![
            webhook.url.to_string(),
            webhook.events.join(", "),
            if webhook.active { "On" } else { "Off" }.to_owned(),
        ],
    };
    let rows = webhooks.map(row).collect();
    KIND.list_page(&signed, "Webhooks", ABOUT, (&["Name", "Address", "Events", "State"], rows))
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::AccountWrite)?;
    let webhook = found(&signed, &id)?;
    signed.page(&page(&signed, webhook.as_ref()))
}

pub(crate) async fn save(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let webhook = found(&signed, &id)?;
    let next = match written(&signed, webhook.as_ref(), &form) {
        Ok(next) => next,
        Err(refusal) => {
            return refused(&signed, page(&signed, webhook.as_ref()), &form, &[refusal]);
        }
    };
    let existing = webhook.clone().map(Resource::from);
    let put = KIND.put(&signed, existing.as_ref(), next.into(), &form).await;
    KIND.answered(&signed, put, &form, || page(&signed, webhook.as_ref()))
}

pub(crate) async fn delete(Path(id): Path<String>, posted: Posted) -> Answer {
    KIND.delete(&id, posted).await
}

/// `None` for a new one.
fn found(signed: &Signed, id: &str) -> Result<Option<Webhook>, Fault> {
    if id == "new" {
        return Ok(None);
    }
    let id: WebhookId = id.parse().map_err(|_| Fault::NotFound)?;
    let webhook = signed.account.webhooks.get(&id).filter(|it| !it.deleted);
    webhook.map(|it| Some((**it).clone())).ok_or(Fault::NotFound)
}

fn page(signed: &Signed, webhook: Option<&Webhook>) -> EditPage {
    let existing = webhook.cloned().map(Resource::from);
    KIND.edit_page(signed, existing.as_ref(), fields(webhook))
}

fn fields(webhook: Option<&Webhook>) -> Vec<Field> {
    let name = webhook.map(|it| it.name.to_string()).unwrap_or_default();
    let url = webhook.map(|it| it.url.to_string()).unwrap_or_default();
    let chosen = webhook.map(|it| it.format).unwrap_or_default();
    let formats =
        FORMATS.iter().map(|(it, word, label)| Choice::new(*word, *label, *it == chosen)).collect();
    let events = webhook.map_or_else(|| "*".to_owned(), |it| it.events.join("\n"));
    let is_on = webhook.is_none_or(|it| it.active);
    vec![
        Field::text("name", "Name", "What colleagues call it.", &name),
        Field::text("url", "Address", "An http or https URL that takes a POST.", &url),
        Field::new(
            "secret",
            "Secret",
            "Signs each delivery. Kept, and never shown again.",
            Control::Secret { is_set: webhook.is_some() },
        ),
        Field::choice("format", "Payload", "How each event is written.", formats),
        Field::new(
            "events",
            "Events",
            "One a line: user.changed, user.* or * for everything.",
            Control::Lines { value: events },
        ),
        Field::new("active", "On", "Off, it is told nothing.", Control::Flag { is_on }),
    ]
}

fn written(signed: &Signed, webhook: Option<&Webhook>, form: &Pairs) -> Result<Webhook, Refusal> {
    let name = Name::parse(form.text("name").unwrap_or_default());
    let typed = form.text("secret").map(StoredSecret::new);
    let kept = webhook.map(|it| it.secret.clone());
    let format = FORMATS.iter().find(|(_, word, _)| form.text("format") == Some(word));
    let events = form.one("events").unwrap_or_default().split_whitespace();
    Ok(Webhook {
        id: webhook.map_or(WebhookId(uuid::Uuid::nil()), |it| it.id),
        serial: webhook.map_or(Serial::default(), |it| it.serial),
        account: signed.account.account.id,
        version: webhook.map_or(0, |it| it.version),
        name: name.map_err(|fault| Refusal::of("name", fault))?,
        url: form.text("url").unwrap_or_default().into(),
        secret: typed.or(kept).unwrap_or_else(|| StoredSecret::new("")),
        format: format.map(|(it, ..)| *it).unwrap_or_default(),
        events: events.map(Into::into).collect(),
        active: form.one("active") == Some("1"),
        deleted: false,
    })
}
