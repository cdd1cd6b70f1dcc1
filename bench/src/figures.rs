//! The table that is printed at the end.

/// What was measured.
#[derive(Default)]
pub struct Figures(Vec<Figure>);

struct Figure {
    what: String,
    value: String,
    target: String,
    reached: Option<bool>,
}

impl Figures {
    /// A figure that is to be at least `target`.
    pub fn at_least(&mut self, what: &str, value: f64, target: f64, unit: &str) {
        self.add(what, spell(value, unit), format!("≥ {}", spell(target, unit)), Some(value >= target));
    }

    /// A figure that is to be below `target`.
    pub fn below(&mut self, what: &str, value: f64, target: f64, unit: &str) {
        self.add(what, spell(value, unit), format!("< {}", spell(target, unit)), Some(value < target));
    }

    /// A figure that others are seen beside.
    pub fn yardstick(&mut self, what: &str, value: f64, unit: &str) {
        self.add(what, spell(value, unit), String::new(), None);
    }

    fn add(&mut self, what: &str, value: String, target: String, reached: Option<bool>) {
        eprintln!("{what}: {value}");
        self.0.push(Figure { what: what.to_owned(), value, target, reached });
    }

    /// Prints all of it as a table in Markdown.
    #[expect(clippy::print_stdout, reason = "the table is what the program is for")]
    pub fn print(&self) {
        println!("| figure | measured | target | reached |\n|---|---:|---:|---|");
        for Figure { what, value, target, reached } in &self.0 {
            let reached = reached.map_or("", |reached| if reached { "yes" } else { "no" });
            println!("| {what} | {value} | {target} | {reached} |");
        }
    }
}

/// `1234567.0, "events/s"` as `1,234,567 events/s`; small values keep two places.
fn spell(value: f64, unit: &str) -> String {
    if value < 10.0 {
        return format!("{value:.2} {unit}");
    }
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    format!("{text} {unit}")
}

#[cfg(test)]
mod tests {
    #[test]
    fn figures_are_spelt_with_separators() {
        assert_eq!(super::spell(1_234_567.4, "events/s"), "1,234,567 events/s");
        assert_eq!(super::spell(999.0, "MB"), "999 MB");
        assert_eq!(super::spell(0.256, "s"), "0.26 s");
    }
}
