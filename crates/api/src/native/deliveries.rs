//! Messages sent out, to people and to webhooks: what became of each, and sending one again.
//! Their texts are never shown.

use axum::body::Body;
use axum::http::{Response, StatusCode};
use directory::{Delivery, DeliveryQuery, DeliveryStanding, DeliveryState, Wanted};
use domain::id::WebhookId;
use uuid::Uuid;

use super::answer::{Object, json, page};
use super::asked::Asked;
use super::problem::Problem;

pub(crate) fn list(asked: &Asked) -> Result<Response<Body>, Problem> {
    let limit = asked.limit()?;
    let found = asked.directory().deliveries(&query(asked, limit)?, &asked.caller)?;
    let last = found.last().filter(|_| found.len() >= limit);
    Ok(page(&found, last.map(|last| last.place.to_string()), write_delivery))
}

pub(crate) fn read(asked: &Asked) -> Result<Response<Body>, Problem> {
    shown(asked, id(asked)?)
}

/// Answers with the message as it stands afterwards: waiting, or through already.
pub(crate) async fn redeliver(asked: &Asked) -> Result<Response<Body>, Problem> {
    asked.not_dry("a message")?;
    let id = id(asked)?;
    asked.directory().redeliver(id, &asked.caller).await?;
    shown(asked, id)
}

fn shown(asked: &Asked, id: Uuid) -> Result<Response<Body>, Problem> {
    let delivery = asked.directory().delivery(id, &asked.caller)?;
    let mut out = Vec::new();
    write_delivery(&mut out, &delivery);
    Ok(json(StatusCode::OK, out))
}

fn id(asked: &Asked) -> Result<Uuid, Problem> {
    asked.param("id").parse().map_err(|_| Problem::not_found())
}

fn query(asked: &Asked, limit: usize) -> Result<DeliveryQuery, Problem> {
    let kind = asked.parsed("kind", "one of alert, webhook", |text| match text {
        "alert" => Some(Wanted::Alerts),
        "webhook" => Some(Wanted::Webhooks),
        _ => None,
    })?;
    let webhook = asked.parsed("webhook", "the id of a webhook", |text| text.parse().ok())?;
    let state = asked.parsed("state", "one of waiting, delivered, failed", |text| {
        DeliveryStanding::ALL.into_iter().find(|it| it.word() == text)
    })?;
    let wanted = match (kind, webhook) {
        (Some(Wanted::Alerts), Some(_)) => {
            return Err(Problem::parameter("webhook", "goes with no alerts"));
        }
        (_, Some(webhook)) => Wanted::Webhook(WebhookId(webhook)),
        (kind, None) => kind.unwrap_or(Wanted::All),
    };
    let before = asked.parsed("cursor", "a cursor of an earlier page", |text| text.parse().ok())?;
    Ok(DeliveryQuery { wanted, standing: state, before, limit })
}

fn write_delivery(out: &mut Vec<u8>, it: &Delivery) {
    let (next_attempt_at, ended_at) = match it.state {
        DeliveryState::Waiting { next_attempt_at } => (Some(next_attempt_at), None),
        DeliveryState::Delivered { at } | DeliveryState::Failed { at } => (None, Some(at)),
    };
    let mut object = Object::begin(out);
    object.field("id", &it.id);
    object.field("channel", it.channel);
    object.field("about", &it.about);
    object.field("to", &it.to);
    object.field("state", it.state.standing().word());
    object.field("created_at", &it.created_at);
    object.field("next_attempt_at", &next_attempt_at);
    object.field("ended_at", &ended_at);
    object.field("attempts", &it.attempts);
    object.field("response_status", &it.response_status);
    object.field("error", &it.error);
    object.end();
}
