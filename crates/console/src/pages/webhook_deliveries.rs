//! What a webhook was told, and what it answered.

use askama::Template;
use axum::extract::Path;
use directory::{DeliveryQuery, Wanted};
use domain::id::WebhookId;
use domain::permission::Permission;

use crate::answer::Answer;
use crate::deliveries::{DeliveryRow, again};
use crate::fault::Fault;
use crate::layout::Shell;
use crate::session::{Posted, Signed};

#[derive(Template)]
#[template(path = "webhook_deliveries.html")]
struct DeliveriesPage {
    shell: Shell,
    id: String,
    action: String,
    rows: Vec<DeliveryRow>,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    signed.require(Permission::AccountWrite)?;
    let id: WebhookId = id.parse().map_err(|_| Fault::NotFound)?;
    let webhook = signed.account.webhooks.get(&id).filter(|it| !it.deleted);
    let name = webhook.ok_or(Fault::NotFound)?.name.to_string();
    let newest = DeliveryQuery::newest(Wanted::Webhook(id));
    let sent = signed.console.directory.deliveries(&newest, &signed.caller)?;
    let page = DeliveriesPage {
        shell: Shell::of(&signed, format!("Deliveries to {name}")),
        id: id.to_string(),
        action: format!("/webhooks/{id}/deliveries"),
        rows: sent.iter().map(|it| DeliveryRow::of(it, &signed)).collect(),
    };
    signed.page(&page)
}

pub(crate) async fn send_again(Path(id): Path<String>, posted: Posted) -> Answer {
    let id: WebhookId = id.parse().map_err(|_| Fault::NotFound)?;
    let flash = again(&posted).await?;
    Ok(posted.signed.see_with(&format!("/webhooks/{id}/deliveries"), &flash))
}
