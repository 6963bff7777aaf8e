//! The first start: an account is founded by whoever can read the terminal.

use askama::Template;
use axum::http::StatusCode;
use directory::{Founding, random_word};
use domain::fault::Fault as ValueFault;
use domain::phone::Country;
use domain::secret::Secret;
use domain::text::Name;
use domain::zone::TimeZone;

use crate::answer::{Answer, see};
use crate::form::Pairs;
use crate::layout::Shell;
use crate::session::{Visited, Visitor};

/// Five bits each: nobody guesses it in the hours before an account is there.
const CODE_CHARACTERS: usize = 16;

/// What is printed in the terminal, new with every start.
pub struct SetUpCode(Secret);

impl SetUpCode {
    pub(crate) fn fresh() -> Self {
        Self(Secret::new(random_word(CODE_CHARACTERS)))
    }

    /// For the terminal only.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[derive(Template)]
#[template(path = "set_up.html")]
struct SetUpPage {
    shell: Shell,
    name: String,
    country: String,
    zone: String,
    zones: Vec<&'static str>,
    message: Option<String>,
    founded: Option<(String, String)>,
}

pub(crate) async fn show(visitor: Visitor) -> Answer {
    if !visitor.console.directory.deployment().is_empty() {
        return Ok(see("/sign-in"));
    }
    page(&visitor, &Pairs::default(), None, None)
}

pub(crate) async fn found(Visited { visitor, form }: Visited) -> Answer {
    let directory = &visitor.console.directory;
    if !directory.deployment().is_empty() {
        return Ok(see("/sign-in"));
    }
    if Secret::new(form.text("code").unwrap_or_default()) != visitor.console.set_up.0 {
        let message = "The code is not the one in the terminal.";
        return page(&visitor, &form, Some(message.to_owned()), None);
    }
    let founding = match founding(&form) {
        Ok(founding) => founding,
        Err((what, fault)) => return page(&visitor, &form, Some(format!("{what} {fault}.")), None),
    };
    let founded = directory.found_account(founding).await?;
    let shown = (founded.login.to_owned(), founded.password.expose().to_owned());
    page(&visitor, &form, None, Some(shown))
}

fn founding(form: &Pairs) -> Result<Founding, (&'static str, ValueFault)> {
    let text = |name| form.text(name).unwrap_or_default();
    Ok(Founding {
        name: Name::parse(text("name")).map_err(|fault| ("The name", fault))?,
        country: Country::parse(text("country")).map_err(|fault| ("The country", fault))?,
        time_zone: TimeZone::parse(text("zone")).map_err(|fault| ("The time zone", fault))?,
        app_id: None,
    })
}

fn page(
    visitor: &Visitor,
    form: &Pairs,
    message: Option<String>,
    founded: Option<(String, String)>,
) -> Answer {
    let mut zones: Vec<_> = TimeZone::all().map(TimeZone::name).collect();
    zones.sort_unstable();
    let status = if message.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let text = |name| form.text(name).unwrap_or_default().to_owned();
    let page = SetUpPage {
        shell: Shell::before_sign_in(visitor, "Set up Rollcall"),
        name: text("name"),
        country: text("country"),
        zone: text("zone"),
        zones,
        message,
        founded,
    };
    visitor.page_with(status, &page)
}
