//! Figures beside their yardsticks: as an aligned table for a person, as JSON for a script.
//! Judges nothing; the goal is printed beside the figure.

use serde_json::{Value, json};

/// One line of the result.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    pub(crate) value: f64,
    /// The same work done by the simplest thing that does it, where there is such a thing.
    pub(crate) yardstick: Option<Yardstick>,
    /// What the project wants, in words: `at least 8,000`.
    pub(crate) goal: String,
}

pub(crate) struct Yardstick {
    pub(crate) name: &'static str,
    pub(crate) value: f64,
}

impl Figure {
    /// A figure nothing stands beside.
    pub(crate) fn plain(name: &str, unit: &'static str, value: f64, goal: &str) -> Self {
        Self { name: name.to_owned(), unit, value, yardstick: None, goal: goal.to_owned() }
    }

    /// The figure in yardsticks: 0.5 reads as half of it.
    fn ratio(&self) -> Option<f64> {
        let yardstick = self.yardstick.as_ref()?;
        (yardstick.value > 0.0).then(|| self.value / yardstick.value)
    }

    fn cells(&self) -> [String; 6] {
        let dash = || "-".to_owned();
        [
            self.name.clone(),
            format!("{} {}", written(self.value), self.unit),
            self.yardstick.as_ref().map_or_else(dash, |yardstick| written(yardstick.value)),
            self.ratio().map_or_else(dash, |ratio| format!("{ratio:.2}")),
            self.goal.clone(),
            self.yardstick.as_ref().map_or_else(dash, |yardstick| yardstick.name.to_owned()),
        ]
    }
}

const HEADINGS: [&str; 6] = ["figure", "measured", "yardstick", "ratio", "goal", "the yardstick"];

pub(crate) fn table(figures: &[Figure]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(figures.iter().map(Figure::cells));
    let mut widths = [0; HEADINGS.len()];
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.len().max(*width);
        }
    }
    rows.iter().map(|row| aligned(row, widths)).collect()
}

/// Words to the left, numbers to the right.
fn aligned(row: &[String; 6], widths: [usize; 6]) -> String {
    let [name, measured, yardstick, ratio, goal, source] = row;
    let [name_width, measured_width, yardstick_width, ratio_width, goal_width, _] = widths;
    format!(
        "{name:name_width$}  {measured:>measured_width$}  {yardstick:>yardstick_width$}  \
         {ratio:>ratio_width$}  {goal:goal_width$}  {source}\n"
    )
}

pub(crate) fn json(figures: &[Figure]) -> Value {
    let rows = figures.iter().map(|figure| {
        json!({
            "figure": figure.name,
            "unit": figure.unit,
            "value": figure.value,
            "yardstick": figure.yardstick.as_ref().map(|yardstick| yardstick.name),
            "yardstick_value": figure.yardstick.as_ref().map(|yardstick| yardstick.value),
            "ratio": figure.ratio(),
            "goal": figure.goal,
        })
    });
    rows.collect()
}

/// Three digits that mean something, thousands apart.
fn written(value: f64) -> String {
    if value < 100.0 {
        return format!("{value:.2}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures() -> Vec<Figure> {
        let yardstick = Some(Yardstick { name: "raw SQLite", value: 20_000.0 });
        vec![
            Figure {
                name: "PATCH".to_owned(),
                unit: "/s",
                value: 10_000.0,
                yardstick,
                goal: "at least 8,000".to_owned(),
            },
            Figure {
                name: "memory, empty".to_owned(),
                unit: "MiB",
                value: 31.25,
                yardstick: None,
                goal: "under 40".to_owned(),
            },
        ]
    }

    #[test]
    fn every_figure_stands_beside_its_yardstick() {
        assert_eq!(
            table(&figures()),
            "figure          measured  yardstick  ratio  goal            the yardstick\n\
             PATCH          10,000 /s     20,000   0.50  at least 8,000  raw SQLite\n\
             memory, empty  31.25 MiB          -      -  under 40        -\n"
        );
    }

    #[test]
    fn the_json_holds_the_ratio_too() {
        let json = json(&figures());
        assert_eq!(json.pointer("/0/ratio"), Some(&json!(0.5)));
        assert_eq!(json.pointer("/1/ratio"), Some(&Value::Null));
    }

    #[test]
    fn thousands_stand_apart() {
        assert_eq!(written(1_234_567.0), "1,234,567");
        assert_eq!(written(99.5), "99.50");
        assert_eq!(written(100.0), "100");
    }
}
