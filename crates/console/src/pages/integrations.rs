//! Credentials of every voice: created and shown once, revoked, last used; a ready request for each
//! vendor; the last requests with the answers given.

use std::sync::Arc;

use askama::Template;
use axum::extract::Path;
use axum::http::StatusCode;
use directory::{Error, Options, RequestEntry};
use domain::credential::{Credential, Voice};
use domain::id::CredentialId;
use domain::permission::Permission;
use domain::resource::ResourceKind;

use crate::answer::Answer;
use crate::fault::Fault;
use crate::fields::Choice;
use crate::flash::Flash;
use crate::layout::Shell;
use crate::new_credential::{VOICES, draft};
use crate::pages::user::listed;
use crate::sample_request::{Sample, samples};
use crate::session::{Posted, Signed};
use crate::words;

/// Requests shown: the newest.
const REQUESTS_SHOWN_MAX: usize = 30;

#[derive(Template)]
#[template(path = "integrations.html")]
struct IntegrationsPage {
    shell: Shell,
    credentials: Vec<Row>,
    voices: Vec<Choice>,
    roles: Vec<Choice>,
    samples: Vec<Sample>,
    requests: Vec<Request>,
    /// Name and value of what has just been created.
    secrets: Vec<(&'static str, String)>,
    message: Option<String>,
}

struct Row {
    id: String,
    name: String,
    voice: &'static str,
    role: String,
    scope: String,
    created: String,
    expires: String,
    last_used: String,
}

struct Request {
    at: String,
    voice: &'static str,
    line: String,
    status: u16,
    caller: String,
    refused: String,
}

pub(crate) async fn show(signed: Signed) -> Answer {
    signed.require(Permission::CredentialsWrite)?;
    page(&signed, StatusCode::OK, (Vec::new(), None))
}

/// Creates one, and shows its secret this once.
pub(crate) async fn create(Posted { signed, form }: Posted) -> Answer {
    signed.require(Permission::CredentialsWrite)?;
    let (credential, secrets) = match draft(&signed, &form) {
        Ok(draft) => draft,
        Err(message) => {
            let nothing = (Vec::new(), Some(message));
            return page(&signed, StatusCode::UNPROCESSABLE_ENTITY, nothing);
        }
    };
    let directory = &signed.console.directory;
    let options = Options::default();
    match directory.create_resource(credential.into(), &signed.caller, options).await {
        Ok(_) => {
            let account = directory.account(&signed.caller)?;
            page(&Signed { account, ..signed }, StatusCode::OK, (secrets, None))
        }
        Err(Error::Refused(refusals)) => {
            let nothing = (Vec::new(), Some(listed(&refusals)));
            page(&signed, StatusCode::UNPROCESSABLE_ENTITY, nothing)
        }
        Err(error) => Err(error.into()),
    }
}

pub(crate) async fn revoke(Path(id): Path<String>, Posted { signed, .. }: Posted) -> Answer {
    signed.require(Permission::CredentialsWrite)?;
    let id: CredentialId = id.parse().map_err(|_| Fault::NotFound)?;
    let directory = &signed.console.directory;
    let whom = (ResourceKind::Credential, id.0);
    directory.delete_resource(whom, &signed.caller, Options::default()).await?;
    let flash = Flash::good("The credential was revoked: its next request is refused.");
    Ok(signed.see_with("/integrations", &flash))
}

fn page(
    signed: &Signed,
    status: StatusCode,
    (secrets, message): (Vec<(&'static str, String)>, Option<String>),
) -> Answer {
    let roles = signed.account.roles.values().filter(|it| !it.deleted);
    let credentials = signed.account.credentials.values().filter(|it| !it.deleted);
    let requests = signed.console.directory.recent_requests(&signed.caller)?;
    let page = IntegrationsPage {
        shell: Shell::of(signed, "Integrations"),
        credentials: credentials.map(|it| row(signed, it)).collect(),
        voices: VOICES.iter().map(|it| Choice::new(it.word(), words::voice(*it), false)).collect(),
        roles: roles.map(|it| Choice::new(it.id.to_string(), it.name.to_string(), false)).collect(),
        samples: samples(signed),
        requests: requests.iter().take(REQUESTS_SHOWN_MAX).map(|it| request(signed, it)).collect(),
        secrets,
        message,
    };
    signed.page_with(status, &page)
}

fn row(signed: &Signed, credential: &Arc<Credential>) -> Row {
    let zone = signed.zone();
    let role = signed.account.roles.get(&credential.role).map(|it| it.name.to_string());
    let last_used = signed.console.directory.last_used(credential.id);
    let scope = credential.scope.map(|it| it.iter().map(Permission::word).collect::<Vec<_>>());
    Row {
        id: credential.id.to_string(),
        name: credential.name.to_string(),
        voice: words::voice(credential.voice),
        role: role.unwrap_or_default(),
        scope: scope.map_or_else(|| "all of its role".to_owned(), |it| it.join(", ")),
        created: words::minute(credential.created_at, zone),
        expires: credential.expires_at.map_or("never".to_owned(), |it| words::minute(it, zone)),
        last_used: last_used
            .map_or("not since the last start".to_owned(), |it| words::minute(it, zone)),
    }
}

fn request(signed: &Signed, entry: &RequestEntry) -> Request {
    Request {
        at: words::clock(entry.at, signed.zone()),
        voice: words::voice(entry.voice),
        line: format!("{} /{}", entry.method, entry.path.trim_start_matches('/')),
        status: entry.status,
        caller: entry.caller.to_string(),
        refused: entry.refused.as_deref().unwrap_or_default().to_owned(),
    }
}

/// Voices that credentials open; the others have sessions or no callers from outside.
pub(crate) const fn has_credentials(voice: Voice) -> bool {
    match voice {
        Voice::Native
        | Voice::CallerDesk
        | Voice::TeleCmi
        | Voice::Acefone
        | Voice::Smartflo
        | Voice::CommPeak => true,
        Voice::Console | Voice::CommandLine | Voice::Sip => false,
    }
}
