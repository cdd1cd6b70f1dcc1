//! Secrets at rest: XChaCha20-Poly1305 under a key file that only its owner may read.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use base::IdSource;
use base64::{Engine, engine::general_purpose::STANDARD as BASE64};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use sea_orm::{DbErr, FromQueryResult};

use crate::{Sql, Tx};

/// The master key of an installation.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}

/// Why a secret could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The key file is missing, short, or readable by others.
    #[error("key file {0}: {1}")]
    KeyFile(String, String),
    /// The stored text was not written with this key.
    #[error("a secret cannot be decrypted; is this the key file that belongs to the database?")]
    WrongKey,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DbErr),
}

impl Key {
    /// Reads `file`, or makes it with mode 0600 when it does not exist.
    pub fn load_or_create(file: &Path, ids: &IdSource) -> Result<Key, SecretError> {
        let fail = |text: String| SecretError::KeyFile(file.display().to_string(), text);
        if !file.exists() {
            create(file, ids).map_err(|error| fail(error.to_string()))?;
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(file).map_err(|e| fail(e.to_string()))?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(fail("others may read it; run chmod 600 on it".to_owned()));
            }
        }
        let text = fs::read_to_string(file).map_err(|e| fail(e.to_string()))?;
        let bytes = BASE64.decode(text.trim()).map_err(|_| fail("is not base64".to_owned()))?;
        Ok(Key(bytes.try_into().map_err(|_| fail("does not hold 32 bytes".to_owned()))?))
    }

    /// A key for one purpose, derived from the master key: keyed BLAKE-like use is not needed, an
    /// AEAD over the purpose under a fixed nonce is a pseudo-random function of it.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let nonce = [0u8; 24];
        let sealed = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: &[0u8; 32], aad: purpose.as_bytes() })
            .unwrap_or_default();
        // The last 16 bytes authenticate the purpose; stretch them once more under the key.
        let mut nonce = [0u8; 24];
        nonce[..16].copy_from_slice(&sealed[32..48]);
        nonce[16] = 1;
        let stretched = XChaCha20Poly1305::new(&self.0.into())
            .encrypt(XNonce::from_slice(&nonce), [0u8; 32].as_slice())
            .unwrap_or_default();
        let mut key = [0u8; 32];
        key.copy_from_slice(&stretched[..32]);
        key
    }
}

/// Makes a key file. It gets its name when it is whole and on the disk, so that neither a crash nor another process
/// ever finds half of it.
fn create(file: &Path, ids: &IdSource) -> io::Result<()> {
    let mut key = [0u8; 32];
    ids.fill(&mut key);
    let mut new = file.as_os_str().to_owned();
    new.push(format!(".new-{}", ids.next_number()));
    let new = PathBuf::from(new);
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut handle = options.open(&new)?;
    handle.write_all(BASE64.encode(key).as_bytes())?;
    handle.sync_all()?;
    let linked = fs::hard_link(&new, file);
    fs::remove_file(&new)?;
    match linked {
        // Another process was faster; its key is the one.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
        Ok(()) => match file.parent() {
            #[cfg(unix)]
            Some(dir) if !dir.as_os_str().is_empty() => fs::File::open(dir)?.sync_all(),
            _ => Ok(()),
        },
    }
}

/// The table of secrets, by name.
#[derive(Clone, Debug)]
pub struct Secrets {
    key: Key,
    ids: IdSource,
}

#[derive(FromQueryResult)]
struct SecretRow {
    nonce: String,
    ciphertext: String,
}

impl Secrets {
    /// Secrets under a master key.
    pub fn new(key: Key, ids: IdSource) -> Secrets {
        Secrets { key, ids }
    }

    /// The master key, to derive signing keys from.
    pub fn key(&self) -> &Key {
        &self.key
    }

    /// Stores a secret under a name, replacing an earlier one.
    pub async fn put(&self, tx: &Tx, name: &str, secret: &str) -> Result<(), SecretError> {
        let mut nonce = [0u8; 24];
        self.ids.fill(&mut nonce);
        let ciphertext = XChaCha20Poly1305::new(&self.key.0.into())
            .encrypt(XNonce::from_slice(&nonce), Payload { msg: secret.as_bytes(), aad: name.as_bytes() })
            .map_err(|_| SecretError::WrongKey)?;
        tx.run(
            "INSERT INTO secrets (name, nonce, ciphertext) VALUES ($1, $2, $3)
             ON CONFLICT (name) DO UPDATE SET nonce = excluded.nonce, ciphertext = excluded.ciphertext",
            vec![name.into(), BASE64.encode(nonce).into(), BASE64.encode(ciphertext).into()],
        )
        .await?;
        Ok(())
    }

    /// Reads a secret.
    pub async fn get(&self, db: &impl Sql, name: &str) -> Result<Option<String>, SecretError> {
        let row: Option<SecretRow> =
            db.one("SELECT nonce, ciphertext FROM secrets WHERE name = $1", vec![name.into()]).await?;
        let Some(row) = row else { return Ok(None) };
        let nonce = BASE64.decode(row.nonce).map_err(|_| SecretError::WrongKey)?;
        let nonce: [u8; 24] = nonce.try_into().map_err(|_| SecretError::WrongKey)?;
        let ciphertext = BASE64.decode(row.ciphertext).map_err(|_| SecretError::WrongKey)?;
        let plain = XChaCha20Poly1305::new(&self.key.0.into())
            .decrypt(XNonce::from_slice(&nonce), Payload { msg: &ciphertext, aad: name.as_bytes() })
            .map_err(|_| SecretError::WrongKey)?;
        String::from_utf8(plain).map(Some).map_err(|_| SecretError::WrongKey)
    }

    /// Forgets a secret.
    pub async fn delete(&self, tx: &Tx, name: &str) -> Result<(), SecretError> {
        tx.run("DELETE FROM secrets WHERE name = $1", vec![name.into()]).await?;
        Ok(())
    }
}
