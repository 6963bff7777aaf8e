//! The order in which a service's servers are tried: by priority, within one by chance in the
//! proportion of their weights (RFC 2782). Chance is drawn by the caller.

use hickory_resolver::proto::rr::Name;

/// One server of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    /// Lower ones first.
    pub(super) priority: u16,
    pub(super) weight: u16,
    pub(super) port: u16,
    pub(super) target: Name,
}

/// `draw` gives a number from 0 to its argument, both included.
pub(super) fn in_order(mut services: Vec<Service>, draw: impl Fn(u32) -> u32) -> Vec<Service> {
    // Those without weight stand first, so that they have a small chance as well.
    services.sort_by_key(|service| (service.priority, service.weight));
    let mut ordered = Vec::with_capacity(services.len());
    while let Some(first) = services.first() {
        let priority = first.priority;
        let rivals = || services.iter().take_while(|it| it.priority == priority);
        let drawn = draw(rivals().map(|it| u32::from(it.weight)).sum());
        let mut sum = 0;
        let chosen = rivals().position(|it| {
            sum += u32::from(it.weight);
            sum >= drawn
        });
        ordered.push(services.remove(chosen.unwrap_or_default()));
    }
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(priority: u16, weight: u16, name: &str) -> Service {
        Service { priority, weight, port: 5060, target: Name::from_ascii(name).unwrap() }
    }

    fn names(ordered: &[Service]) -> Vec<String> {
        ordered.iter().map(|it| it.target.to_ascii()).collect()
    }

    #[test]
    fn a_lower_priority_comes_first_whatever_is_drawn() {
        let services = vec![service(20, 100, "c"), service(10, 0, "a"), service(15, 1, "b")];
        for drawn in [0, 1, 100] {
            let ordered = in_order(services.clone(), |most| drawn.min(most));
            assert_eq!(names(&ordered), ["a", "b", "c"]);
        }
    }

    #[test]
    fn within_a_priority_the_running_sum_that_reaches_the_number_drawn_is_chosen() {
        let services = vec![service(10, 60, "much"), service(10, 30, "less"), service(10, 0, "no")];
        let first = |drawn| names(&in_order(services.clone(), |most| most.min(drawn)))[0].clone();
        assert_eq!((first(0), first(1)), ("no".to_owned(), "less".to_owned()));
        assert_eq!((first(30), first(31)), ("less".to_owned(), "much".to_owned()));
        assert_eq!(first(90), "much");
    }

    #[test]
    fn weights_are_proportions() {
        let services = vec![service(10, 1, "one"), service(10, 3, "three")];
        let chosen = (0..=4)
            .map(|drawn| names(&in_order(services.clone(), |most| drawn.min(most)))[0] == "three");
        assert_eq!(chosen.filter(|it| *it).count(), 3);
    }

    #[test]
    fn every_server_is_tried_once() {
        let services: Vec<_> =
            (0..50).map(|number| service(number % 3, number, &format!("n{number}"))).collect();
        let ordered = in_order(services.clone(), |most| most / 2);
        let (mut before, mut after) = (names(&services), names(&ordered));
        before.sort();
        after.sort();
        assert_eq!(before, after);
    }
}
