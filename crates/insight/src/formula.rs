//! Formulas over series: names, numbers, `+ - * /` and parentheses.

/// A formula that can be computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Formula {
    Number(f64),
    Name(String),
    Both(char, Box<Formula>, Box<Formula>),
}

const MOST_BYTES: usize = 500;
const DEEPEST: usize = 50;

impl Formula {
    /// Reads a formula over these names; says in words what is wrong.
    pub(crate) fn parse(text: &str, names: &[&str]) -> Result<Formula, String> {
        if text.len() > MOST_BYTES {
            return Err(format!("must have at most {MOST_BYTES} bytes"));
        }
        let mut parser = Parser { rest: text, names, depth: 0 };
        let formula = parser.sum()?;
        match parser.next() {
            None => Ok(formula),
            Some(other) => Err(format!("did not expect \"{other}\"")),
        }
    }

    /// Its value; `None` when a name has none, or when it is no number.
    pub(crate) fn value(&self, of: &dyn Fn(&str) -> Option<f64>) -> Option<f64> {
        let value = match self {
            Formula::Number(number) => *number,
            Formula::Name(name) => of(name)?,
            Formula::Both(operator, one, other) => {
                let (one, other) = (one.value(of)?, other.value(of)?);
                match operator {
                    '+' => one + other,
                    '-' => one - other,
                    '*' => one * other,
                    _ => one / other,
                }
            }
        };
        value.is_finite().then_some(value)
    }
}

struct Parser<'t> {
    rest: &'t str,
    names: &'t [&'t str],
    depth: usize,
}

impl Parser<'_> {
    fn next(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let found = self.next().filter(|next| wanted.contains(next))?;
        self.rest = &self.rest[found.len_utf8()..];
        Some(found)
    }

    fn sum(&mut self) -> Result<Formula, String> {
        let mut formula = self.product()?;
        while let Some(operator) = self.take(&['+', '-']) {
            formula = Formula::Both(operator, Box::new(formula), Box::new(self.product()?));
        }
        Ok(formula)
    }

    fn product(&mut self) -> Result<Formula, String> {
        let mut formula = self.value()?;
        while let Some(operator) = self.take(&['*', '/']) {
            formula = Formula::Both(operator, Box::new(formula), Box::new(self.value()?));
        }
        Ok(formula)
    }

    fn value(&mut self) -> Result<Formula, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err("is nested too deeply".to_owned());
        }
        let value = self.value_inside();
        self.depth -= 1;
        value
    }

    fn value_inside(&mut self) -> Result<Formula, String> {
        if self.take(&['(']).is_some() {
            let inner = self.sum()?;
            return match self.take(&[')']) {
                Some(_) => Ok(inner),
                None => Err("a \")\" is missing".to_owned()),
            };
        }
        if self.take(&['-']).is_some() {
            return Ok(Formula::Both('-', Box::new(Formula::Number(0.0)), Box::new(self.value()?)));
        }
        let Some(next) = self.next() else { return Err("ends too early".to_owned()) };
        if next.is_ascii_digit() || next == '.' {
            let end = self.rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(self.rest.len());
            let (number, rest) = self.rest.split_at(end);
            self.rest = rest;
            return number.parse().map(Formula::Number).map_err(|_| format!("\"{number}\" is not a number"));
        }
        // The longest name that stands here.
        let found = self.names.iter().filter(|name| self.rest.starts_with(**name)).max_by_key(|name| name.len());
        let Some(name) = found else { return Err(format!("\"{next}\" does not begin the name of a series")) };
        self.rest = &self.rest[name.len()..];
        Ok(Formula::Name((*name).to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<Option<f64>, String> {
        let of = |name: &str| match name {
            "A" => Some(6.0),
            "AB" => Some(3.0),
            _ => None,
        };
        Formula::parse(text, &["A", "AB", "None"]).map(|formula| formula.value(&of))
    }

    #[test]
    fn formulas_are_computed_as_in_school() {
        assert_eq!(value("A / AB * 100 - 1"), Ok(Some(199.0)));
        assert_eq!(value("2*(A+AB)-.5"), Ok(Some(17.5)));
        assert_eq!(value("-A + -(AB)"), Ok(Some(-9.0)));
        assert_eq!(value("A / 0"), Ok(None));
        assert_eq!(value("A + None"), Ok(None));
    }

    #[test]
    fn what_is_no_formula_is_told() {
        for text in ["", "A +", "(A", "A B", "C", "1.2.3", "A ^ 2", &"(".repeat(400), &"-".repeat(400)] {
            assert!(value(text).is_err(), "{text}");
        }
    }
}
