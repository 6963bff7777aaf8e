//! One request from its head to its answer: caller, permission, body, replay, operation.
//! What an operation does is its own file's business.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{RawPathParams, Request};
use axum::http::Response;
use axum::response::IntoResponse as _;
use domain::caller::Caller;
use domain::rights;

use super::Native;
use super::asked::Asked;
use super::caller::recognise;
use super::noting::Noting;
use super::operations::{Access, Action, Operation};
use super::problem::Problem;
use super::{
    account, bulk, call_records, calls, changes, deliveries, events, explain, me, registrations,
    resources, sessions, trunk_state, users,
};
use crate::request::{ClientAddress, read_body};

/// Answers one request for an operation. Its caller is who shows a credential; a request made in
/// this process, by the command line with the data folder in hand, brings its caller along as an
/// extension, which nothing on the wire can.
pub(crate) async fn serve(
    native: Arc<Native>,
    operation: &'static Operation,
    params: RawPathParams,
    request: Request,
) -> Response<Body> {
    let address = request.extensions().get::<ClientAddress>().map(|address| address.0);
    let inside = request.extensions().get::<Caller>().cloned().map(Ok);
    let shown = || recognise(&native.api.directory, request.headers(), address);
    let caller = match inside.unwrap_or_else(shown) {
        Ok(caller) => caller,
        Err(problem) => return problem.into_response(),
    };
    let noting = Noting::new(&native, &caller, &request);
    match answer(native, operation, caller, params, request).await {
        Ok(response) => noting.done(response),
        Err(problem) => noting.refused(problem),
    }
}

async fn answer(
    native: Arc<Native>,
    operation: &'static Operation,
    caller: Caller,
    params: RawPathParams,
    request: Request,
) -> Result<Response<Body>, Problem> {
    match operation.access {
        Access::AnyCaller | Access::OwnOr(_) => {}
        Access::Needs(permissions) => permissions.iter().try_for_each(|permission| {
            rights::require(&caller, *permission).map_err(Problem::forbidden)
        })?,
        Access::NeedsOne(permissions) => {
            let held = permissions.iter().any(|permission| caller.may(*permission));
            let first = permissions.first().filter(|_| !held);
            first.map_or(Ok(()), |first| Err(Problem::forbidden(*first)))?;
        }
    }
    let (parts, body) = request.into_parts();
    let body = read_body(body).await.map_err(Problem::body)?;
    let asked = Asked::new(native, operation, caller, parts, (params, body))?;
    if let Some(kept) = asked.kept_answer()? {
        return Ok(kept);
    }
    let keeping = asked.keeping();
    let response = perform(asked).await?;
    match keeping {
        Some(keeping) => keeping.keep(response).await,
        None => Ok(response),
    }
}

async fn perform(asked: Asked) -> Result<Response<Body>, Problem> {
    match asked.operation.action {
        Action::ListUsers => users::list(&asked).await,
        Action::ReadUser => users::read(&asked),
        Action::CreateUser => users::create(&asked).await,
        Action::ChangeUser => users::change(&asked).await,
        Action::DeleteUser => users::delete(&asked).await,
        Action::RestoreUser => users::restore(&asked).await,
        Action::ReadUserHistory => users::history(&asked).await,
        Action::ChangeManyUsers => bulk::change_many(&asked).await,
        Action::ExplainUser => explain::read(&asked).await,
        Action::ListSessions => sessions::list(&asked),
        Action::EndSessions => sessions::end(&asked).await,
        Action::ReadMe => me::read(&asked),
        Action::ChangeMe => me::change(&asked).await,
        Action::List(kind) => resources::list(&asked, kind),
        Action::Read(kind) => resources::read(&asked, kind),
        Action::Create(kind) => resources::create(&asked, kind).await,
        Action::Change(kind) => resources::change(&asked, kind).await,
        Action::Delete(kind) => resources::delete(&asked, kind).await,
        Action::ReadAccount => account::read(&asked),
        Action::ChangeAccount => account::change(&asked).await,
        Action::ListChanges => changes::list(&asked).await,
        Action::VerifyChanges => changes::verify(&asked).await,
        Action::StreamChanges => events::stream(asked),
        Action::ReadTrunkState => trunk_state::read(&asked),
        Action::ListRegistrations => registrations::list(&asked),
        Action::ListUserRegistrations => registrations::of_user(&asked),
        Action::DropRegistrations => registrations::remove(&asked),
        Action::ListCalls => calls::list(&asked).await,
        Action::PlaceCall => calls::place(&asked).await,
        Action::HangUp => calls::hang_up(&asked).await,
        Action::ListCallRecords => call_records::list(&asked).await,
        Action::ReadCallRecord => call_records::read(&asked).await,
        Action::ExplainCall => call_records::explain(&asked).await,
        Action::ListDeliveries => deliveries::list(&asked),
        Action::ReadDelivery => deliveries::read(&asked),
        Action::Redeliver => deliveries::redeliver(&asked).await,
    }
}

/// Whatever is below the API but no operation.
pub(crate) async fn unknown() -> Response<Body> {
    Problem::unknown_path().into_response()
}

/// The router adds which methods there are.
pub(crate) async fn wrong_method() -> Response<Body> {
    Problem::wrong_method().into_response()
}
