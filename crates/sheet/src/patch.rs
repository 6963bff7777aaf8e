//! From a row's fields to what is to become of a user.

use domain::fault::Fault;
use domain::patch::UserPatch;
use domain::phone::Country;
use domain::refusal::Refusal;
use domain::setting::Setting;
use serde_json::Value;

use crate::{Names, Row};

impl Row {
    /// What the row asks of its user; numbers are read as those of this country.
    ///
    /// # Errors
    ///
    /// Every cell that does not read, by its column.
    pub fn patch(&self, country: Country) -> Result<UserPatch, Vec<Refusal>> {
        let (mut patch, mut refusals) = (UserPatch::default(), Vec::new());
        for (column, value) in &self.fields {
            let refused = match Setting::parse(column) {
                // It would be said that an id is wanted, to somebody who wrote a name.
                Some(setting) if Names::unknown(setting, value).is_some() => {
                    Err(Refusal::new(setting, Fault::Unknown))
                }
                Some(setting) => setting
                    .write(&mut patch, value, country)
                    .map_err(|fault| Refusal::new(setting, fault)),
                None => self.name(&mut patch, value).map_err(|fault| Refusal::of("name", fault)),
            };
            refusals.extend(refused.err());
        }
        if refusals.is_empty() { Ok(patch) } else { Err(refusals) }
    }

    /// First and last name in one, which cannot be said beside either of them.
    fn name(&self, patch: &mut UserPatch, value: &Value) -> Result<(), Fault> {
        let beside = [Setting::FirstName, Setting::LastName].map(Setting::name);
        match beside.into_iter().find(|part| self.fields.contains_key(*part)) {
            Some(with) => Err(Fault::Conflict { with }),
            None => patch.set_name(&domain::read::text(value)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Sheet;

    fn patches(text: &str) -> Vec<Result<UserPatch, Vec<Refusal>>> {
        let sheet = Sheet::read(text.as_bytes(), 10).unwrap();
        let rows = sheet.rows(&Names::default(), false);
        rows.iter().map(|row| row.patch(Country::parse("IN").unwrap())).collect()
    }

    #[test]
    fn every_bad_cell_of_a_row_is_named() {
        let patches = patches("name,email,extension\nAsha Rao,asha@x.example,101\nAsha,at,1x\n");
        assert_eq!(patches[0].as_ref().unwrap().last_name.value().unwrap().as_str(), "Rao");
        let refused = patches[1].as_ref().unwrap_err();
        let said = refused.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ");
        assert!(said.contains("email") && said.contains("extension"), "{said}");
    }

    #[test]
    fn a_name_nobody_has_is_unknown() {
        let patches = patches("extension,groups\n101,Nowhere\n");
        let refused = &patches[0].as_ref().unwrap_err()[0];
        assert_eq!(refused, &Refusal::new(Setting::Groups, Fault::Unknown));
    }

    #[test]
    fn a_whole_name_beside_a_part_of_it_is_a_contradiction() {
        let patches = patches("name,last_name\nAsha Rao,Rao\n");
        assert!(patches[0].as_ref().unwrap_err()[0].to_string().contains("name"));
    }
}
