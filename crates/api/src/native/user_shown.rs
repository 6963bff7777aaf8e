//! A user as the API shows him: his identifiers, then every setting by the table of settings.
//! Secrets show only whether they are set.

use domain::setting::Setting;
use domain::user::User;
use serde_json::{Value, json};

use super::answer::Object;

/// What a client reads but does not write; `name` is written as first and last name.
pub(crate) const READ_ONLY: &[&str] =
    &["id", "serial", "version", "created_at", "updated_at", "deleted_at"];

/// Writes the user as JSON text.
pub(crate) fn write_user(out: &mut Vec<u8>, user: &User) {
    let mut object = Object::begin(out);
    object.field("id", &user.id);
    object.field("serial", &user.serial);
    object.field("version", &user.version);
    object.field("created_at", &user.created_at);
    object.field("updated_at", &user.updated_at);
    object.field("deleted_at", &user.standing.deleted_at);
    object.field("name", &user.name());
    for setting in Setting::ALL {
        object.field(setting.name(), &setting.read(user));
    }
    object.end();
}

/// The value of a field the client cannot write.
pub(crate) fn read_only(field: &str, user: &User) -> Value {
    match field {
        "id" => json!(user.id),
        "serial" => json!(user.serial),
        "version" => json!(user.version),
        "created_at" => json!(user.created_at),
        "updated_at" => json!(user.updated_at),
        "deleted_at" => json!(user.standing.deleted_at),
        _ => Value::Null,
    }
}
