//! Missed-call messages: sent, tried again, failed.

use askama::Template;
use directory::{DeliveryQuery, Wanted};
use domain::permission::Permission;

use crate::answer::Answer;
use crate::deliveries::{DeliveryRow, again};
use crate::layout::Shell;
use crate::session::{Posted, Signed};

#[derive(Template)]
#[template(path = "alerts.html")]
struct AlertsPage {
    shell: Shell,
    rows: Vec<DeliveryRow>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::AccountWrite)?;
    let newest = DeliveryQuery::newest(Wanted::Alerts);
    let sent = signed.console.directory.deliveries(&newest, &signed.caller)?;
    let rows = sent.iter().map(|it| DeliveryRow::of(it, &signed)).collect();
    signed.page(&AlertsPage { shell: Shell::of(&signed, "Alerts"), rows })
}

pub(crate) async fn send_again(posted: Posted) -> Answer {
    let flash = again(&posted).await?;
    Ok(posted.signed.see_with("/alerts", &flash))
}
