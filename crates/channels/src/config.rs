//! Reading a channel's configuration.

use base::{Code, Problem};
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

/// Reads a configuration; a wrong or unknown field is [`Code::InvalidChannel`] with its path.
pub fn read<Config: DeserializeOwned>(config: &Json) -> Result<Config, Problem> {
    serde_path_to_error::deserialize(config).map_err(|error| {
        let path = error.path().to_string();
        let path = if path == "." { String::new() } else { path };
        Problem::at(Code::InvalidChannel, path, error.inner().to_string())
    })
}

/// A field with an impossible value.
pub fn wrong(path: impl Into<String>, message: impl Into<String>) -> Problem {
    Problem::at(Code::InvalidChannel, path, message)
}

/// Checks that a number lies between two bounds, both included.
pub fn within<Number>(path: &str, value: Number, least: Number, most: Number) -> Result<(), Problem>
where
    Number: PartialOrd + std::fmt::Display,
{
    if value >= least && value <= most {
        return Ok(());
    }
    Err(wrong(path, format!("must be between {least} and {most}")))
}
