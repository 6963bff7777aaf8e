//! Users as a CSV file: a column for every setting that is no secret, as the command line writes it.

use std::sync::Arc;

use domain::setting::Setting;
use domain::snapshot::Snapshot;
use domain::user::User;
use sheet::{Names, cell};

/// The whole file. Writing to memory cannot fail, so a failure is an empty file.
pub(crate) fn write<'a>(users: impl Iterator<Item = &'a Arc<User>>, account: &Snapshot) -> Vec<u8> {
    let names = Names::of(account);
    let settings: Vec<_> = Setting::ALL.iter().copied().filter(|it| !it.is_secret()).collect();
    let mut file = csv::Writer::from_writer(Vec::new());
    let heading = ["id", "serial"].into_iter().chain(settings.iter().map(|it| it.name()));
    if file.write_record(heading).is_err() {
        return Vec::new();
    }
    for user in users {
        let own = [user.id.to_string(), user.serial.to_string()];
        let values = settings.iter().map(|it| cell::write(*it, &it.read(user), &names));
        if file.write_record(own.into_iter().chain(values)).is_err() {
            return Vec::new();
        }
    }
    file.into_inner().unwrap_or_default()
}
