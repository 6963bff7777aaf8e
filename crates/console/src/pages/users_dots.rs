//! The dots of the users a list shows, as long as somebody looks at it.

use domain::id::UserId;
use domain::permission::Permission;

use crate::answer::Answer;
use crate::live_stream::stream;
use crate::people::status;
use crate::session::Signed;

/// Users one stream tells of: a page of the list.
const USERS_MAX: usize = 50;

/// Each event is a JSON array of `[user, dot, word]`.
pub(crate) async fn events(signed: Signed) -> Answer {
    signed.require(Permission::UsersRead)?;
    stream(signed, |signed| async move {
        signed.require(Permission::UsersRead).ok()?;
        Some(dots(&signed))
    })
}

fn dots(signed: &Signed) -> String {
    let now = signed.now();
    let asked = signed.query.all("user").take(USERS_MAX);
    let users = asked.filter_map(|id| signed.account.user(id.parse::<UserId>().ok()?));
    let dot = |user: &std::sync::Arc<domain::user::User>| {
        let status = status(user, &signed.account, &signed.console, now);
        serde_json::json!([user.id, status.dot, status.word])
    };
    serde_json::Value::Array(users.map(dot).collect()).to_string()
}
