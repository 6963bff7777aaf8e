//! The first start: an account for whoever reads the terminal, and for nobody else.

use std::sync::Arc;

use axum::http::StatusCode;
use console::{Console, ConsoleConfig, router};

use crate::harness::{Browser, empty};

#[tokio::test]
async fn the_terminals_code_founds_the_first_account_and_no_second() {
    let directory = empty().await;
    let console = Arc::new(Console::new(directory.clone(), ConsoleConfig::default()));
    let code = console.set_up.expose().to_owned();
    let mut browser = Browser::on(&directory).with(router(console));
    assert_eq!(browser.get("/sign-in").await.location(), "/set-up");
    let form =
        |code| [("code", code), ("name", "Mine"), ("country", "DE"), ("zone", "Europe/Berlin")];
    let wrong = browser.post("/set-up", &form("nothing")).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(directory.deployment().is_empty());
    let founded = browser.post("/set-up", &form(&code)).await;
    let password = founded.text.split("<code>").nth(2).unwrap().split('<').next().unwrap();
    assert_eq!(browser.sign_in("admin", password).await.location(), "/");
    browser.cookies.remove("rollcall_session");
    assert_eq!(browser.get("/set-up").await.location(), "/sign-in");
    assert_eq!(browser.post("/set-up", &form(&code)).await.location(), "/sign-in");
    assert_eq!(directory.deployment().accounts().count(), 1);
}
