//! One's own calls and devices: what there was, a call placed from one's phone, a phone removed.

use askama::Template;
use axum::http::StatusCode;
use domain::call::Click;
use domain::permission::Permission;

use crate::answer::Answer;
use crate::call_rows::CallRows;
use crate::call_words::DeviceRow;
use crate::flash::Flash;
use crate::layout::Shell;
use crate::pages::user_calls::calls_of;
use crate::pages::user_devices::{devices, removed};
use crate::session::{Posted, Signed};

#[derive(Template)]
#[template(path = "me_calls.html")]
struct CallsPage {
    shell: Shell,
    devices: Vec<DeviceRow>,
    /// None for those who may not read calls.
    list: Option<CallRows>,
    destination: String,
    message: Option<String>,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::OwnWrite)?;
    page(&signed, String::new(), None).await
}

/// Rings one's own devices, then calls what was typed.
pub(crate) async fn call(Posted { signed, form }: Posted) -> Answer {
    let Some(destination) = form.text("destination") else {
        let message = "Say whom to call: an extension or a telephone number.".to_owned();
        return page(&signed, String::new(), Some(message)).await;
    };
    let directory = &signed.console.directory;
    match directory.click_to_call(signed.user.id, Click::to(destination), &signed.caller).await {
        Ok(_) => {
            let flash = Flash::good(format!("Your phone rings; pick up to call {destination}."));
            Ok(signed.see_with("/me/calls", &flash))
        }
        Err(error @ directory::Error::NotPlaced(_)) => {
            let message = crate::fault::sentence(&error);
            page(&signed, destination.to_owned(), Some(message)).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes one of one's own devices, or all.
pub(crate) async fn remove(Posted { signed, form }: Posted) -> Answer {
    let flash = removed(&signed, &signed.user, &form)?;
    Ok(signed.see_with("/me/calls", &flash))
}

async fn page(signed: &Signed, destination: String, message: Option<String>) -> Answer {
    let status = if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let list = if signed.may(Permission::CallsRead) {
        Some(CallRows::of(signed, calls_of(&signed.user)).await?)
    } else {
        None
    };
    let page = CallsPage {
        shell: Shell::of(signed, "My calls"),
        devices: devices(signed, &signed.user)?,
        list,
        destination,
        message,
    };
    signed.page_with(status, &page)
}
