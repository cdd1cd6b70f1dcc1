//! Passwords: argon2id with the parameters that OWASP's Password Storage Cheat Sheet recommends
//! (19 MiB, two passes, one lane), two at a time, so that logins cannot eat the machine.

use std::sync::Arc;

use argon2::{
    Algorithm, Argon2, Params, PasswordHash, PasswordHasher, PasswordVerifier, Version, password_hash::SaltString,
};
use base::{Code, IdSource, Problem};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const RUNNING: usize = 2;
const WAITING: usize = 32;
const SHORTEST: usize = 10;
const LONGEST_BYTES: usize = 1_024;

/// A well-formed hash that no password has; comparing with it takes as long as with a real one.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IG5vYm9keSE$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Words and runs that people fall back on; a password is refused when little else is in it.
const COMMON: [&str; 22] = [
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "qwertyuiop",
    "qwerty",
    "asdfghjkl",
    "1q2w3e4r5t",
    "1qaz2wsx",
    "letmein",
    "welcome",
    "iloveyou",
    "woaini",
    "admin",
    "administrator",
    "changeme",
    "hearth",
    "superman",
    "football",
    "sunshine",
    "princess",
    "monkey",
];

/// Makes and checks hashes of passwords.
#[derive(Clone, Debug)]
pub struct Passwords {
    ids: IdSource,
    waiting: Arc<Semaphore>,
    running: Arc<Semaphore>,
}

/// A place in the line of those whose password is hashed.
pub(crate) struct Place(#[expect(dead_code, reason = "it is given back when it is dropped")] OwnedSemaphorePermit);

impl Passwords {
    /// With salts from `ids`.
    pub fn new(ids: IdSource) -> Passwords {
        Passwords { ids, waiting: Arc::new(Semaphore::new(WAITING)), running: Arc::new(Semaphore::new(RUNNING)) }
    }

    /// The hash to store. Refuses passwords that are easy to guess.
    pub async fn hash(&self, password: &str, email: &str) -> Result<String, Problem> {
        check_strength(password, email)?;
        let mut salt = [0u8; 16];
        self.ids.fill(&mut salt);
        let password = password.to_owned();
        self.run(self.take_place()?, move || {
            let salt = SaltString::encode_b64(&salt).ok()?;
            Some(hasher()?.hash_password(password.as_bytes(), &salt).ok()?.to_string())
        })
        .await?
        .ok_or(Problem::new(Code::Internal))
    }

    /// A place in the line; fails with 503 when the line is full. Take it before an attempt is counted as failed.
    pub(crate) fn take_place(&self) -> Result<Place, Problem> {
        self.waiting.clone().try_acquire_owned().map(Place).map_err(|_| overloaded())
    }

    /// Whether the password belongs to the hash. Without a hash (there is no such user) it takes
    /// as long and says no.
    pub(crate) async fn verify(&self, place: Place, password: &str, hash: Option<&str>) -> Result<bool, Problem> {
        if password.len() > LONGEST_BYTES {
            return Ok(false);
        }
        let password = password.to_owned();
        let hash = hash.unwrap_or(NOBODY).to_owned();
        self.run(place, move || {
            let (Some(hasher), Ok(hash)) = (hasher(), PasswordHash::new(&hash)) else { return false };
            hasher.verify_password(password.as_bytes(), &hash).is_ok()
        })
        .await
    }

    async fn run<T: Send + 'static>(
        &self,
        _place: Place,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.running.clone().acquire_owned().await.map_err(|_| overloaded())?;
        tokio::task::spawn_blocking(move || {
            // The turn ends with the work, even when nobody waits for the answer any more.
            let _turn = turn;
            work()
        })
        .await
        .map_err(|_| Problem::new(Code::Internal))
    }
}

fn overloaded() -> Problem {
    Problem::new(Code::Overloaded).retry_after(5)
}

fn hasher() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn check_strength(password: &str, email: &str) -> Result<(), Problem> {
    let weak = |why: &str| Err(Problem::at(Code::WeakPassword, "password", why));
    if password.chars().count() < SHORTEST {
        return weak("has fewer than 10 characters");
    }
    if password.len() > LONGEST_BYTES {
        return weak("has more than 1,024 bytes");
    }
    let lower = password.to_lowercase();
    let mailbox = email.split('@').next().unwrap_or_default();
    let known = COMMON.iter().copied().chain([email, mailbox]).filter(|word| word.chars().count() >= 4);
    for word in known {
        if lower.contains(word) && lower.replace(word, "").chars().count() < 6 {
            return weak("is little more than a common word or the e-mail address");
        }
    }
    if is_a_run(&lower) {
        return weak("is a run of characters");
    }
    Ok(())
}

/// Whether nearly every character follows from the one before: `1111111111`, `abcdefghij`, `9876543210`.
fn is_a_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps = codes.windows(2).filter(|pair| (pair[1] - pair[0]).abs() <= 1).count();
    steps + 2 >= codes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_that_everybody_tries_first_are_refused() {
        for weak in
            ["short", "1234567890", "aaaaaaaaaaaa", "abcdefghijkl", "password123", "Hearth2026!", "lin.wei@example.com"]
        {
            assert!(check_strength(weak, "lin.wei@example.com").is_err(), "{weak}");
        }
        for good in ["correct horse battery", "围炉夜话共三百年的好酒", "x9!kd03#sQpl"] {
            assert!(check_strength(good, "lin.wei@example.com").is_ok(), "{good}");
        }
    }

    #[tokio::test]
    async fn a_password_fits_its_own_hash_and_nobody_fits_none() {
        let passwords = Passwords::new(IdSource::from_seed(store::SystemClock::start(), 1));
        let hash = passwords.hash("correct horse battery", "").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let verify = async |password: &str, hash: Option<&str>| {
            passwords.verify(passwords.take_place().unwrap(), password, hash).await.unwrap()
        };
        assert!(verify("correct horse battery", Some(&hash)).await);
        assert!(!verify("correct horse batterz", Some(&hash)).await);
        assert!(!verify("", None).await);
        // The stand-in must be parsed and compared like a real one, or its time would differ.
        assert!(PasswordHash::new(NOBODY).unwrap().hash.is_some_and(|hash| hash.len() == 32));
    }
}
