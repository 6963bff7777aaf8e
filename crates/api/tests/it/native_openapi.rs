//! The API's own description: complete, open to all, and as checked in.

use std::path::Path;

use api::native::openapi::document;
use api::native::operations::OPERATIONS;
use axum::http::StatusCode;
use serde_json::Value;

use crate::harness::harness;

#[tokio::test]
async fn the_document_is_open_to_everyone_and_every_page() {
    let it = harness().await;
    let answer = it.send("GET", "/api/v1/openapi.json", &[], "").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.headers["access-control-allow-origin"], "*");
    assert_eq!(answer.json()["openapi"], "3.1.0");
    let users = it.native("GET", "/api/v1/users", None).await;
    assert!(!users.headers.contains_key("access-control-allow-origin"));
}

#[test]
fn every_operation_is_in_the_document_and_nothing_else() {
    let document = serde_json::to_value(document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    for operation in OPERATIONS.iter() {
        let method = operation.method.as_str().to_ascii_lowercase();
        let described = &paths[&operation.full_path()][&method];
        assert_eq!(described["summary"], operation.summary.as_str(), "{operation:?}");
    }
    let described: usize = paths.values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(described, OPERATIONS.len());
}

#[test]
fn every_reference_in_the_document_leads_somewhere() {
    let document = serde_json::to_value(document()).unwrap();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(!references.is_empty());
    for reference in references {
        let pointer = reference.strip_prefix('#').unwrap();
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
}

fn collect<'a>(value: &'a Value, references: &mut Vec<&'a str>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str));
            fields.values().for_each(|value| collect(value, references));
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, references)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_operation_has_an_id_of_its_own() {
    let document = serde_json::to_value(document()).unwrap();
    let paths = document["paths"].as_object().unwrap().values();
    let operations = paths.flat_map(|path| path.as_object().unwrap().values());
    let mut ids: Vec<_> = operations.map(|it| it["operationId"].as_str().unwrap()).collect();
    ids.sort_unstable();
    let all = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), all);
}

#[test]
fn the_document_is_as_checked_in() {
    let text = serde_json::to_string_pretty(&document()).unwrap();
    insta::assert_snapshot!("openapi", text);
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&page, format!("{text}\n")).unwrap();
    }
    let kept = std::fs::read_to_string(&page).unwrap_or_default();
    assert!(kept.trim_end() == text, "docs/openapi.json is old: run the tests with UPDATE_DOCS=1");
}
