//! Numbers as people write them. They are rounded as decimals, not as binary fractions, halves away from zero.

use base::Language;
use minijinja::Value;

use super::text_of;

/// Digits of a number that is written out; what has more is no amount.
const MAX_DIGITS: usize = 40;
/// Currencies with the signs by which they are known in Chinese and in English (CLDR 47, `numbers/currencies`).
const SIGNS: &[(&str, &str, &str)] = &[
    ("AUD", "AU$", "A$"),
    ("BRL", "R$", "R$"),
    ("CAD", "CA$", "CA$"),
    ("CNY", "¥", "CN¥"),
    ("EUR", "€", "€"),
    ("GBP", "£", "£"),
    ("HKD", "HK$", "HK$"),
    ("ILS", "₪", "₪"),
    ("INR", "₹", "₹"),
    ("JPY", "JP¥", "¥"),
    ("KRW", "￦", "₩"),
    ("MXN", "MX$", "MX$"),
    ("NZD", "NZ$", "NZ$"),
    ("PHP", "₱", "₱"),
    ("TWD", "NT$", "NT$"),
    ("USD", "US$", "$"),
    ("VND", "₫", "₫"),
    ("XAF", "FCFA", "FCFA"),
];
/// Currencies without a smaller unit, and those with a thousandth (ISO 4217, list one).
const WITHOUT_CENTS: &[&str] =
    &["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"];
const WITH_THOUSANDTHS: &[&str] = &["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];

/// A decimal number as it is written: sign, digits before and after the point.
struct Decimal {
    negative: bool,
    whole: String,
    fraction: String,
}

impl Decimal {
    fn read(value: &Value) -> Option<Decimal> {
        let text = text_of(Some(value)).replace([',', '，', '_', ' '], "");
        let text = match text.contains(['e', 'E']) {
            true => format!("{}", text.parse::<f64>().ok().filter(|number| number.is_finite())?),
            false => text,
        };
        let (negative, text) = match text.strip_prefix(['-', '−']) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = !(whole.is_empty() && fraction.is_empty())
            && whole.len() + fraction.len() <= MAX_DIGITS
            && whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        is_number.then(|| Decimal {
            negative,
            whole: whole.trim_start_matches('0').to_owned(),
            fraction: fraction.to_owned(),
        })
    }

    /// Rounded to so many places.
    fn rounded(mut self, places: usize) -> Decimal {
        let up = self.fraction.as_bytes().get(places).is_some_and(|digit| *digit >= b'5');
        self.fraction.truncate(places);
        while self.fraction.len() < places {
            self.fraction.push('0');
        }
        if up {
            let mut digits: Vec<u8> = self.whole.bytes().chain(self.fraction.bytes()).collect();
            let nine = digits.iter().rev().take_while(|digit| **digit == b'9').count();
            let at = digits.len() - nine;
            digits[at..].fill(b'0');
            match at.checked_sub(1) {
                Some(at) => digits[at] += 1,
                None => digits.insert(0, b'1'),
            }
            let point = digits.len() - places;
            self.whole = digits[..point].iter().map(|digit| *digit as char).collect();
            self.fraction = digits[point..].iter().map(|digit| *digit as char).collect();
        }
        if self.whole.trim_start_matches('0').is_empty() && self.fraction.bytes().all(|digit| digit == b'0') {
            self.negative = false;
        }
        self
    }

    /// With commas at the thousands, and without the sign.
    fn written(&self) -> String {
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let mut output = String::with_capacity(whole.len() * 2);
        for (place, digit) in whole.chars().enumerate() {
            if place > 0 && (whole.len() - place).is_multiple_of(3) {
                output.push(',');
            }
            output.push(digit);
        }
        if !self.fraction.is_empty() {
            output.push('.');
            output.push_str(&self.fraction);
        }
        output
    }

    fn sign(&self) -> &'static str {
        if self.negative { "-" } else { "" }
    }
}

/// An amount in a currency; with a code that is not known, the code stands before it, and with none only the number.
pub(super) fn money(value: &Value, currency: &str, language: Language) -> Option<String> {
    let code = currency.trim().to_ascii_uppercase();
    let places = match code.as_str() {
        code if WITHOUT_CENTS.contains(&code) => 0,
        code if WITH_THOUSANDTHS.contains(&code) => 3,
        _ => 2,
    };
    let amount = Decimal::read(value)?.rounded(places);
    let sign = SIGNS.iter().find(|(known, ..)| *known == code).map(|(_, zh, en)| language.choose(zh, en).to_owned());
    let before = sign.unwrap_or_else(|| if code.is_empty() { code } else { format!("{code} ") });
    Some(format!("{}{before}{}", amount.sign(), amount.written()))
}

/// A number with commas at the thousands, with its own decimals or so many.
pub(super) fn number(value: &Value, places: Option<usize>) -> Option<String> {
    let number = Decimal::read(value)?;
    let own = number.fraction.trim_end_matches('0').len();
    let number = number.rounded(places.unwrap_or(own));
    Some(format!("{}{}", number.sign(), number.written()))
}

/// A share, of which 1 is the whole, in hundredths.
pub(super) fn percent(value: &Value, places: usize) -> Option<String> {
    let mut share = Decimal::read(value)?;
    while share.fraction.len() < 2 {
        share.fraction.push('0');
    }
    let behind = share.fraction.split_off(2);
    share.whole = format!("{}{}", share.whole, share.fraction).trim_start_matches('0').to_owned();
    share.fraction = behind;
    let share = share.rounded(places);
    Some(format!("{}{}%", share.sign(), share.written()))
}

/// The word that goes with a number in English.
pub(super) fn plural(value: &Value, one: &str, other: &str) -> Option<String> {
    let count = Decimal::read(value)?;
    let is_one = count.whole == "1" && count.fraction.is_empty();
    Some(if is_one { one } else { other }.to_owned())
}
