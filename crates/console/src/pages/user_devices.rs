//! A user's registered devices, each of which can be removed.

use askama::Template;
use axum::extract::Path;
use domain::permission::Permission;
use domain::user::User;

use crate::answer::Answer;
use crate::call_words::DeviceRow;
use crate::fault::Fault;
use crate::flash::Flash;
use crate::form::Pairs;
use crate::layout::Shell;
use crate::session::{Posted, Signed};
use crate::user_head::UserHead;

#[derive(Template)]
#[template(path = "user_devices.html")]
struct DevicesPage {
    shell: Shell,
    head: UserHead,
    devices: Vec<DeviceRow>,
    action: String,
    may_drop: bool,
}

pub(crate) async fn show(signed: Signed, Path(id): Path<String>) -> Answer {
    let user = signed.read_user(&id)?;
    let page = DevicesPage {
        shell: Shell::of(&signed, format!("Devices of {}", user.name())),
        head: UserHead::of(&signed, &user),
        devices: devices(&signed, &user)?,
        action: format!("/users/{}/devices", user.id),
        may_drop: signed.may(Permission::CallsOperate),
    };
    signed.page(&page)
}

/// Removes the device the form names, or all.
pub(crate) async fn remove(Path(id): Path<String>, Posted { signed, form }: Posted) -> Answer {
    let user = signed.read_user(&id)?;
    let flash = removed(&signed, &user, &form)?;
    Ok(signed.see_with(&format!("/users/{id}/devices"), &flash))
}

pub(crate) fn devices(signed: &Signed, user: &User) -> Result<Vec<DeviceRow>, Fault> {
    let devices = signed.console.directory.registrations_of(user.id, &signed.caller)?;
    Ok(devices.iter().map(|it| DeviceRow::of(it, signed)).collect())
}

pub(crate) fn removed(signed: &Signed, user: &User, form: &Pairs) -> Result<Flash, Fault> {
    let directory = &signed.console.directory;
    let removed = directory.drop_registrations(user.id, form.text("contact"), &signed.caller);
    Ok(match removed {
        Ok(1) => Flash::good("One device was removed. It may register anew."),
        Ok(count) => Flash::good(format!("{count} devices were removed. They may register anew.")),
        // It may have gone by itself while the page was read.
        Err(directory::Error::NotFound) => Flash::bad("That device is no longer registered."),
        Err(error) => return Err(error.into()),
    })
}
