//! What an unquoted word means to Ansible: the implicit types of YAML 1.1 as
//! PyYAML resolves them (`yaml/resolver.py`, `yaml/constructor.py`), which differ from YAML 1.2.

use std::sync::LazyLock;

use regex::Regex;

use super::Kind;

/// An unquoted word that means something else than it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Surprise {
    /// `12:30` is a number in base 60; so is a MAC address of small digits.
    Base60,
    /// `0644` is a number in base 8.
    Base8,
    /// `2026-11-20` is a date.
    Date,
    /// An integer that does not fit 64 bits; it is kept with the precision of a float.
    TooLarge,
}

impl Surprise {
    /// What Ansible makes of it, to be read after "Ansible reads this unquoted value".
    pub fn sentence(self) -> &'static str {
        match self {
            Surprise::Base60 => "as a number in base 60 (YAML 1.1), not as text",
            Surprise::Base8 => "as a number in base 8 (YAML 1.1), not as text and not in base 10",
            Surprise::Date => "as a date (YAML 1.1), not as text",
            Surprise::TooLarge => "as a number that does not fit 64 bits",
        }
    }
}

/// What an unquoted word is.
#[derive(Debug, Clone, PartialEq)]
pub enum Plain {
    /// A value, and whether it may surprise whoever wrote it.
    Value(Kind, Option<Surprise>),
    /// `<<`, the merge key.
    Merge,
    /// `=`, for which Ansible has no use as a value.
    Equals,
}

macro_rules! pattern {
    ($name:ident, $pattern:literal) => {
        static $name: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new($pattern).ok());
    };
}

pattern!(
    FLOAT,
    r"(?x)^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?
      |\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?
      |[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*
      |[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
);
pattern!(
    INT,
    r"(?x)^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)
      |[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$"
);
pattern!(
    IMPLICIT_DATE,
    r"(?x)^(?:[0-9]{4}-[0-9]{2}-[0-9]{2}
      |[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[\ \t]+)[0-9][0-9]?
       :[0-9]{2}:[0-9]{2}(?:\.[0-9]*)?(?:[\ \t]*(?:Z|[-+][0-9][0-9]?(?::[0-9][0-9])?))?)$"
);
pattern!(
    DATE,
    r"(?x)^(?<year>[0-9]{4})-(?<month>[0-9][0-9]?)-(?<day>[0-9][0-9]?)
      (?:(?:[Tt]|[\ \t]+)(?<hour>[0-9][0-9]?):(?<minute>[0-9]{2}):(?<second>[0-9]{2})
       (?:\.(?<fraction>[0-9]*))?
       (?:[\ \t]*(?<zone>Z|(?<sign>[-+])(?<zone_hour>[0-9][0-9]?)(?::(?<zone_minute>[0-9]{2}))?))?)?$"
);

fn matches(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// What an unquoted word is to Ansible.
pub fn resolve(text: &str) -> Plain {
    let value = |kind| Plain::Value(kind, None);
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return value(Kind::Null),
        "<<" => return Plain::Merge,
        "=" => return Plain::Equals,
        _ => {}
    }
    if let Some(truth) = boolean(text) {
        return value(Kind::Bool(truth));
    }
    if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.')) {
        if matches(&FLOAT, text) {
            if let Some(number) = float(text) {
                let surprise = text.contains(':').then_some(Surprise::Base60);
                return Plain::Value(Kind::Float(number), surprise);
            }
        } else if matches(&INT, text) {
            if let Some((kind, surprise)) = integer(text) {
                return Plain::Value(kind, surprise);
            }
        } else if matches(&IMPLICIT_DATE, text)
            && let Some(date) = date(text)
        {
            return Plain::Value(Kind::Str(date), Some(Surprise::Date));
        }
    }
    value(Kind::Str(text.to_owned()))
}

/// A boolean of YAML 1.1; `y` and `n` are text, as in PyYAML.
pub fn boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// An integer in any of the notations of YAML 1.1.
pub fn integer(text: &str) -> Option<(Kind, Option<Surprise>)> {
    let digits = text.replace('_', "");
    let (negative, digits) = sign(&digits);
    let (magnitude, surprise) = if digits == "0" {
        (Some(0), None)
    } else if let Some(binary) = digits.strip_prefix("0b") {
        (i128::from_str_radix(binary, 2).ok(), None)
    } else if let Some(hex) = digits.strip_prefix("0x") {
        (i128::from_str_radix(hex, 16).ok(), None)
    } else if digits.starts_with('0') {
        let surprise = (digits.trim_start_matches('0').len() > 1).then_some(Surprise::Base8);
        (i128::from_str_radix(digits, 8).ok(), surprise)
    } else if digits.contains(':') {
        let mut total = Some(0_i128);
        for part in digits.split(':') {
            let part: i128 = part.parse().ok()?;
            total = total.and_then(|t| t.checked_mul(60)).and_then(|t| t.checked_add(part));
        }
        (total, Some(Surprise::Base60))
    } else {
        (digits.parse().ok(), None)
    };
    let small = magnitude.and_then(|m| i64::try_from(if negative { -m } else { m }).ok());
    if let Some(number) = small {
        return Some((Kind::Int(number), surprise));
    }
    let number: f64 = match magnitude {
        Some(magnitude) => magnitude.to_string().parse().ok()?,
        None => digits.parse().ok()?,
    };
    Some((Kind::Float(if negative { -number } else { number }), Some(Surprise::TooLarge)))
}

/// A number with a fraction in any of the notations of YAML 1.1.
pub fn float(text: &str) -> Option<f64> {
    let text = text.replace('_', "").to_lowercase();
    let (negative, digits) = sign(&text);
    let number = match digits {
        ".inf" => f64::INFINITY,
        ".nan" => f64::NAN,
        digits if digits.contains(':') => {
            let mut total = 0.0;
            for part in digits.split(':') {
                let part: f64 = part.trim_end_matches('.').parse().ok()?;
                total = total * 60.0 + part;
            }
            total
        }
        digits => digits.parse().ok()?,
    };
    Some(if negative { -number } else { number })
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A date or time as Ansible prints it (ISO 8601); `None` for one that does not
/// exist, which Ansible refuses and which stays text here.
pub fn date(text: &str) -> Option<String> {
    let found = DATE.as_ref()?.captures(text)?;
    let number = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<i16>().ok());
    let small = |name: &str| number(name).and_then(|n| i8::try_from(n).ok());
    let day = jiff::civil::Date::new(number("year")?, small("month")?, small("day")?).ok()?;
    let Some(hour) = small("hour") else { return Some(day.to_string()) };
    let (minute, second) = (small("minute")?, small("second")?);
    jiff::civil::Time::new(hour, minute, second, 0).ok()?;
    let mut out = format!("{day}T{hour:02}:{minute:02}:{second:02}");
    let fraction: String =
        found.name("fraction").map_or("", |m| m.as_str()).chars().take(6).collect();
    if fraction.chars().any(|c| c != '0') {
        out.push_str(&format!(".{fraction:0<6}"));
    }
    if let Some(sign) = found.name("sign") {
        let (hours, minutes) = (number("zone_hour")?, number("zone_minute").unwrap_or(0));
        let sign = if hours == 0 && minutes == 0 { "+" } else { sign.as_str() };
        out.push_str(&format!("{sign}{hours:02}:{minutes:02}"));
    } else if found.name("zone").is_some() {
        out.push_str("+00:00");
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Kind {
        match resolve(text) {
            Plain::Value(kind, _) => kind,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn words_are_what_pyyaml_makes_of_them() {
        // Each right-hand side is what PyYAML 6.0.3 prints.
        let text = |t: &str| Kind::Str(t.to_owned());
        for (word, expected) in [
            ("yes", Kind::Bool(true)),
            ("OFF", Kind::Bool(false)),
            ("y", text("y")),
            ("n", text("n")),
            ("yEs", text("yEs")),
            ("~", Kind::Null),
            ("", Kind::Null),
            ("nUll", text("nUll")),
            ("0644", Kind::Int(420)),
            ("0o644", text("0o644")),
            ("09", text("09")),
            ("0x1F", Kind::Int(31)),
            ("0b101", Kind::Int(5)),
            ("1_000", Kind::Int(1000)),
            ("-12", Kind::Int(-12)),
            ("+12", Kind::Int(12)),
            ("12:30", Kind::Int(750)),
            ("12:30:45", Kind::Int(45045)),
            ("-1:30", Kind::Int(-90)),
            ("10:20:30:40:50:59", Kind::Int(8_041_827_059)),
            ("02:20:30:40:50:59", text("02:20:30:40:50:59")),
            ("10:60", text("10:60")),
            ("1.30", Kind::Float(1.3)),
            ("1.", Kind::Float(1.0)),
            (".5", Kind::Float(0.5)),
            ("+.5", text("+.5")),
            ("1e3", text("1e3")),
            ("1.5e3", text("1.5e3")),
            ("1.5e+3", Kind::Float(1500.0)),
            ("1:30.5", Kind::Float(90.5)),
            ("-.inf", Kind::Float(f64::NEG_INFINITY)),
            ("v1.2", text("v1.2")),
            ("1.2.3", text("1.2.3")),
            ("2026-11-20", text("2026-11-20")),
            ("2026-1-2 3:04:05.5 -5", text("2026-01-02T03:04:05.500000-05:00")),
            ("2026-11-20T12:30:00Z", text("2026-11-20T12:30:00+00:00")),
            ("2026-11-20t12:30:00", text("2026-11-20T12:30:00")),
            ("18446744073709551616", Kind::Float(18_446_744_073_709_551_616.0)),
        ] {
            assert_eq!(kind(word), expected, "{word}");
        }
        assert_eq!(resolve("<<"), Plain::Merge);
        assert_eq!(resolve("="), Plain::Equals);
    }

    #[test]
    fn what_yaml_1_2_reads_otherwise_is_noted() {
        let surprise = |word: &str| match resolve(word) {
            Plain::Value(_, surprise) => surprise,
            _ => None,
        };
        assert_eq!(surprise("10:20:30:40:50:59"), Some(Surprise::Base60));
        assert_eq!(surprise("0644"), Some(Surprise::Base8));
        assert_eq!(surprise("2026-11-20"), Some(Surprise::Date));
        assert_eq!(surprise("00"), None);
        assert_eq!(surprise("22"), None);
        assert_eq!(surprise("yes"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_word_panics(text in "[-+0-9a-fxbToZ:._ =<~]{0,24}") {
            let _ = resolve(&text);
        }
    }
}
